/** What an inbox can show, as tabs: views that we know by name, and the host's own. */
import type { Filter, View } from "@client/entries";
import { html, nothing, type TemplateResult } from "lit";
import type { Say } from "./text";

/** What a host may narrow a list to. */
export type Narrowed = Omit<Filter, "view" | "q">;

/** A tab of the host's own: what it shows of `view`, which is all that is not archived when it does not say. */
export interface OwnTab {
  name: string;
  label: string;
  view?: View;
  filter?: Narrowed;
}

const VIEWS = { unread: "viewUnread", inbox: "viewAll", archived: "viewArchived" } as const;
type Known = keyof typeof VIEWS;
export const TABS: readonly (string | OwnTab)[] = Object.keys(VIEWS);

const known = (name: string): Known => (name in VIEWS ? (name as Known) : "inbox");

/** The tab that is called so; a name that nobody knows is everything that is not archived. */
export function tabOf(all: readonly (string | OwnTab)[], name: string, say: Say): Required<OwnTab> & { view: Known } {
  const own = all.find((tab): tab is OwnTab => typeof tab === "object" && tab.name === name);
  const view = known(own ? (own.view ?? "") : name);
  return { label: say(VIEWS[view]), filter: {}, ...own, name: own ? name : view, view };
}

export function tabs(say: Say, all: readonly (string | OwnTab)[], chosen: string, onChoose: (name: string) => void): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  return html`<div class="line">
    <div part="tabs" class="tabs" role="group" aria-label=${say("views")}>
      ${all.map((tab) => {
        const { name, label } = tabOf(all, typeof tab === "object" ? tab.name : tab, say);
        return html`<button part="tab" class="tab" aria-pressed=${String(name === chosen)} @click=${() => onChoose(name)}>${label}</button>`;
      })}
    </div>
  </div>`;
}

/** `severity=critical,error&topic=vm`: the query of a list, as an attribute. */
export function narrowed(text: string | null): Narrowed {
  const { severity, ...rest } = Object.fromEntries(new URLSearchParams(text ?? ""));
  return { ...rest, ...(severity ? { severity: severity.split(",") as Narrowed["severity"] & object } : {}) };
}
