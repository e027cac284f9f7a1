/** Light or dark, as the page is now: what is drawn on a canvas does not change with its sheet. */
import { useSyncExternalStore } from "react";
import { useChoice } from "../../choices";

const dark = matchMedia("(prefers-color-scheme: dark)");

function watch(listener: () => void): () => void {
  dark.addEventListener("change", listener);
  return () => dark.removeEventListener("change", listener);
}

export function useScheme(): "light" | "dark" {
  const chosen = useChoice("theme");
  const isDark = useSyncExternalStore(watch, () => dark.matches);
  if (chosen !== "auto") return chosen;
  return isDark ? "dark" : "light";
}
