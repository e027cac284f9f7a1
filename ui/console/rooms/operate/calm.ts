/** A list that is asked again by itself, but never moves under somebody's pointer, focus or eyes. */
import { useEffect, useRef } from "react";

const EVERY_MS = 5_000;

/** Whether nobody would be disturbed: the list is seen from its top, and nothing in it is pointed at or focused. */
export function isCalm(place: HTMLElement): boolean {
  const isHeld = place.matches(":hover") || place.contains(document.activeElement);
  return !document.hidden && !isHeld && place.getBoundingClientRect().top >= 0;
}

/** Calls the latest `act` now and then, while `place` is calm; the ref goes on the list. */
export function useCalmly<Place extends HTMLElement>(act: () => void) {
  const place = useRef<Place>(null);
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const timer = setInterval(() => {
      if (place.current && isCalm(place.current)) latest.current();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return place;
}
