/**
 * What is typed into a field whose value stands in the address. The address follows when the typing rests, and the field
 * follows the address when something else changed it; an answer that is older than the typing takes no letter back.
 */
import { useEffect, useEffectEvent, useState } from "react";

const RESTS_MS = 250;

export function useTyped(value: string, write: (value: string) => void): [string, (typed: string) => void] {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  /** What the address was last asked to be. */
  const [sent, setSent] = useState(value);
  if (value !== known) {
    setKnown(value);
    if (value !== sent) {
      setTyped(value);
      setSent(value);
    }
  }
  const send = useEffectEvent(write);
  useEffect(() => {
    const next = typed.trim();
    if (next === sent) return;
    const timer = setTimeout(() => {
      setSent(next);
      send(next);
    }, RESTS_MS);
    return () => clearTimeout(timer);
  }, [typed, sent]);
  return [typed, setTyped];
}
