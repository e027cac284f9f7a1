/**
 * Where announcements are said for those who do not see them: two live regions in the page's own body, since screen
 * readers do not watch those inside of shadow roots. They are empty from the start, and text comes into them later.
 */
import { pageWide } from "@client/shared";

type Voice = "polite" | "assertive";

const LATER_MS = 100;
const STAYS_MS = 5_000;
/** Set by script and as important: the page's policy allows it, and the page's sheets cannot undo it. */
const HIDDEN =
  "position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;display:block;margin:-1px;padding:0;border:0;inset:0 auto auto 0;";

class Announcer {
  private readonly regions = new Map<Voice, HTMLElement>();
  private holds = 0;

  hold(): void {
    if (this.holds++ > 0) return;
    for (const voice of ["polite", "assertive"] as const) this.regions.set(voice, regionOf(voice));
  }

  release(): void {
    if (--this.holds > 0) return;
    for (const region of this.regions.values()) region.remove();
    this.regions.clear();
  }

  say(text: string, urgent = false): void {
    setTimeout(() => {
      const node = document.createTextNode(text);
      this.regions.get(urgent ? "assertive" : "polite")?.replaceChildren(node);
      setTimeout(() => node.remove(), STAYS_MS);
    }, LATER_MS);
  }
}

function regionOf(voice: Voice): HTMLElement {
  const region = document.createElement("div");
  region.setAttribute("aria-live", voice);
  region.setAttribute("data-alertwrap", voice);
  region.style.cssText = HIDDEN.replaceAll(";", "!important;");
  document.body.append(region);
  return region;
}

export const announcer = pageWide("announcer", () => new Announcer());
