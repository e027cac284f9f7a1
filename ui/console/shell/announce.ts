/**
 * Speaks to screen readers. The two regions stand in the page from its start, empty; text that comes with its region is
 * often not spoken.
 */
const AFTER_MS = 100;
const CLEARED_MS = 5_000;

export type Manner = "polite" | "assertive";

const clearing = new Map<Manner, ReturnType<typeof setTimeout>>();

export function announce(words: string, manner: Manner = "polite"): void {
  const region = document.getElementById(manner);
  if (!region) return;
  clearTimeout(clearing.get(manner));
  region.replaceChildren();
  setTimeout(() => region.replaceChildren(document.createTextNode(words)), AFTER_MS);
  clearing.set(manner, setTimeout(() => region.replaceChildren(), CLEARED_MS));
}
