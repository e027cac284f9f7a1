/** Where the focus goes when it stood on what the new page does not have: to the content, instead of nowhere. */
import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { HOME } from "../rooms";

export function useFocusOnArrival(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onResolved", ({ fromLocation, toLocation, pathChanged }) => {
        const isFirst = fromLocation === undefined || (fromLocation.pathname === "/" && toLocation.pathname === HOME);
        const isLost = document.activeElement === null || document.activeElement === document.body;
        if (pathChanged && !isFirst && isLost) document.getElementById("main")?.focus({ preventScroll: true });
      }),
    [router],
  );
}
