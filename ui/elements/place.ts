/** Keeps a popover beside its button, inside of the window, while the page scrolls and changes its size. */
export type Placement = "bottom-end" | "bottom-start" | "top-end" | "top-start";

const AWAY = 6;
const EDGE = 8;

export function beside(panel: HTMLElement, button: HTMLElement, placement: Placement): () => void {
  const put = () => {
    const [x, y] = placeFor(panel.getBoundingClientRect(), button.getBoundingClientRect(), placement, directionOf(button));
    panel.style.left = `${x}px`;
    panel.style.top = `${y}px`;
  };
  const end = new AbortController();
  for (const name of ["scroll", "resize"]) addEventListener(name, put, { capture: true, passive: true, signal: end.signal });
  put();
  return () => end.abort();
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
  width: number;
  height: number;
}

/** Where it goes: the wished side if there is room for it, else the other; never out of the window. */
export function placeFor(panel: Box, button: Box, placement: Placement, rightToLeft: boolean): [number, number] {
  const atEnd = placement.endsWith("end") !== rightToLeft;
  const x = atEnd ? button.right - panel.width : button.left;
  const below = button.bottom + AWAY;
  const above = button.top - AWAY - panel.height;
  const fitsBelow = below + panel.height + EDGE <= innerHeight;
  const fitsAbove = above >= EDGE;
  const isBelow = placement.startsWith("bottom") ? fitsBelow || !fitsAbove : !fitsAbove;
  return [clamp(x, innerWidth - panel.width), clamp(isBelow ? below : above, innerHeight - panel.height)];
}

function clamp(value: number, most: number): number {
  return Math.max(EDGE, Math.min(value, most - EDGE));
}

function directionOf(element: Element): boolean {
  return getComputedStyle(element).direction === "rtl";
}
