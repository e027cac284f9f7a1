/** The name of a bucket: from when to when. */
import { formatTime } from "@shared/time";
import { useChoice } from "../../choices";
import { useLocale } from "../../language";
import type { Buckets } from "./series";

const DAY_MS = 86_400_000;

export function useBucketName({ starts, stepMs }: Buckets): (at: number) => string {
  const locale = useLocale();
  const zone = useChoice("timeZone");
  return (at) => {
    const start = starts[at] ?? 0;
    if (stepMs >= DAY_MS) return formatTime(start, locale, zone, "day");
    const end = formatTime(start + stepMs, locale, zone, "time").replace(/:\d\d(?=$|\s)/, "");
    return `${formatTime(start, locale, zone, "short")} – ${end}`;
  };
}
