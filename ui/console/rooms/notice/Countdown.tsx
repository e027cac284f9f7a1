/** How long until something happens, ticking as text. */
import { countdown } from "@shared/time";
import { useEffect, useState } from "react";
import { useText } from "../../language";
import { text } from "./messages";

const TICK_MS = 1_000;

export function Countdown({ at }: { at: string }) {
  const t = useText(text);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const left = Date.parse(at) - now;
  return <time dateTime={at}>{left > 0 ? t("in", { time: countdown(left) }) : t("now")}</time>;
}
