/** Tells of a lost connection, but only when it lasts; a blip of three seconds is nobody's business. */
import { useEffect, useState } from "react";
import { useLocale, useText } from "../language";
import { lastLive, useStreamState } from "../live";
import styles from "./LiveBar.module.css";
import { text } from "./messages";

const QUIET_MS = 3_000;

export function LiveBar() {
  const t = useText(text);
  const locale = useLocale();
  const state = useStreamState();
  const [since, setSince] = useState<number | null>(null);
  const trouble = state !== "live";
  useEffect(() => {
    if (!trouble) return;
    const timer = setTimeout(() => setSince(lastLive()), QUIET_MS);
    return () => {
      clearTimeout(timer);
      setSince(null);
    };
  }, [trouble]);
  if (!trouble || since === null) return null;
  return (
    <div className={styles.bar} role="status">
      {t("offline", { time: new Intl.DateTimeFormat(locale, { timeStyle: "medium" }).format(since) })}
    </div>
  );
}
