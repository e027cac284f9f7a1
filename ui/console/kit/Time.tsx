import { formatTime, relativeTime, zoneName } from "@shared/time";
import { Button } from "react-aria-components";
import { useChoice } from "../choices";
import { useLocale, useText } from "../language";
import { useCopy } from "./copy";
import { text } from "./messages";
import { useNow } from "./now";
import styles from "./Time.module.css";
import { Tooltip } from "./Tooltip";

export interface TimeProps {
  /** RFC 3339, as it comes from the server. */
  value: string | null | undefined;
  /** "auto": how long ago within a day, the date after; the others never change. */
  show?: "auto" | "absolute" | "time";
  /** Not in the way of the Tab key: in a row that is focusable as a whole. */
  isStatic?: boolean;
}

/** A moment, in the person's zone; hover or focus shows it in full and in UTC, a press copies it. */
export function Time({ value, show = "auto", isStatic = false }: TimeProps) {
  const t = useText(text);
  const [state, copy] = useCopy();
  const locale = useLocale();
  const zone = useChoice("timeZone");
  const now = useNow(value ? Date.parse(value) : 0);
  const at = value ? Date.parse(value) : NaN;
  if (!value || Number.isNaN(at)) return <span>–</span>;
  const relative = show === "auto" ? relativeTime(at, now, locale) : null;
  const words = relative ?? formatTime(at, locale, zone, show === "time" ? "time" : "short", now);
  const iso = new Date(at).toISOString();
  const whole = `${formatTime(at, locale, zone, "full", now)} ${zoneName(zone)}`;
  const utc = `${formatTime(at, locale, "UTC", "full", now)} UTC`;
  const time = (
    <time dateTime={iso} className={styles.time}>
      {words}
    </time>
  );
  if (isStatic) return <span title={`${whole}\n${utc}`}>{time}</span>;
  return (
    <Tooltip text={whole} more={state === "copied" ? t("copied") : utc} staysOnPress>
      <Button className={styles.moment} onPress={() => copy(iso)}>
        {time}
      </Button>
    </Tooltip>
  );
}
