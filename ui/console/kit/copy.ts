/** Putting a text on the clipboard, and knowing for a moment that it went well. */
import { useEffect, useState } from "react";

/** How long the tick stays. */
const SHOWN_MS = 2_000;

export type CopyState = "idle" | "copied" | "failed";

export function useCopy(): [CopyState, (value: string) => void] {
  const [state, setState] = useState<CopyState>("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (value: string) => {
    write(value).then(
      () => setState("copied"),
      () => setState("failed"),
    );
  };
  return [state, copy];
}

/** The clipboard is there only in a secure context: plain http on another host has none. */
async function write(value: string): Promise<void> {
  if (!("clipboard" in navigator)) throw new Error("no clipboard");
  await navigator.clipboard.writeText(value);
}
