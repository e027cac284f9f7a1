/** F6 goes from one region of the page to the next, and back to where the focus was in it. */
const REGIONS = "nav, main, [data-region]";
const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled]), select, textarea, [tabindex='0']";

const lastIn = new WeakMap<Element, HTMLElement>();

function visible(element: HTMLElement): boolean {
  return element.checkVisibility?.() ?? true;
}

/** The outermost regions that can be seen, in the order of the page. */
function regions(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(REGIONS)].filter(visible);
}

/** Keeps in mind where the focus is, for coming back. */
export function rememberFocus(event: FocusEvent): void {
  if (!(event.target instanceof HTMLElement)) return;
  const region = event.target.closest(REGIONS);
  if (region) lastIn.set(region, event.target);
}

/** Move the focus by so many regions, round and round. */
export function cycleRegion(step: 1 | -1): void {
  const all = regions();
  if (all.length === 0) return;
  const here = all.findLastIndex((region) => region.contains(document.activeElement));
  const from = here === -1 && step === -1 ? 0 : here;
  enter(all.at((from + step) % all.length));
}

function enter(region: HTMLElement | undefined): void {
  if (!region) return;
  const last = lastIn.get(region);
  const inside = [...region.querySelectorAll<HTMLElement>(FOCUSABLE)].find(visible);
  const target = last?.isConnected && visible(last) ? last : region.hasAttribute("tabindex") ? region : inside;
  target?.focus();
}
