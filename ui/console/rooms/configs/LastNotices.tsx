/** What a config led to: its last notices, live; before the first one, when to expect it. */
import { nameOf } from "@client/entries";
import { useQuery } from "@tanstack/react-query";
import { Link, Severity, Time } from "../../kit";
import { useText } from "../../language";
import { type Config, noticesQuery } from "./api";
import styles from "./Configs.module.css";
import { text } from "./messages";

export function LastNotices({ config }: { config: Config }) {
  const t = useText(text);
  const { data } = useQuery(noticesQuery(config));
  return (
    <section className={styles.section} aria-label={t("sectionNotices")}>
      <h2>{t("sectionNotices")}</h2>
      {data?.length === 0 && (
        <p className={styles.note} role="status">
          {t(config.enabled ? "noticesToCome" : "noticesOff", { alert: config.name })}
        </p>
      )}
      <ul className={styles.notices}>
        {data?.map((one) => (
          <li key={one.id}>
            <Severity value={one.severity} iconOnly />
            <Link href={`/n/${encodeURIComponent(one.id)}`}>{nameOf(one)}</Link>
            <span className={styles.note}>
              <Time value={one.updated_at} isStatic />
            </span>
          </li>
        ))}
      </ul>
      {data && data.length > 0 && <Link href={`/history?alert=${encodeURIComponent(config.name)}`}>{t("allNotices", { alert: config.name })}</Link>}
    </section>
  );
}
