/** What is known about a notice, each noun a link where there is a page for it. */
import type { ReactNode } from "react";
import { Chip, CopyButton, Link, Time } from "../../kit";
import { useText } from "../../language";
import { may, type Session } from "../../session";
import { text } from "./messages";
import styles from "./Notice.module.css";
import { alertLink, configLink, entityLink } from "./nouns";
import type { Trail } from "./useNotice";

export function Facts({ trail, session }: { trail: Trail; session: Session }) {
  const t = useText(text);
  const { notice } = trail;
  const labels = Object.entries(notice.labels);
  const configs = may(session, "configs:read");
  return (
    <section aria-label={t("facts")} className={styles.facts}>
      <dl>
        <Fact name={t("alert")}>
          <Link href={alertLink(notice.alert)}>{notice.alert}</Link>
        </Fact>
        {notice.entity && (
          <Fact name={t("entity")}>
            <Link href={entityLink(notice.entity)}>{notice.entity.key}</Link> <span className={styles.quiet}>{notice.entity.topic}</span>
          </Fact>
        )}
        {notice.config && (
          <Fact name={t("config")}>
            {configs && trail.configs[notice.config] ? <Link href={configLink(notice.config)}>{notice.config}</Link> : notice.config}
          </Fact>
        )}
        {notice.key && <Fact name={t("key")}>{notice.key}</Fact>}
        <Fact name={t("count")}>{t("times", { n: notice.count })}</Fact>
        <Fact name={t("firstSeen")}>
          <Time value={notice.created_at} show="absolute" />
        </Fact>
        <Fact name={t("lastSeen")}>
          <Time value={notice.updated_at} show="absolute" />
        </Fact>
        {notice.starts_at && (
          <Fact name={t("startsAt")}>
            <Time value={notice.starts_at} show="absolute" />
          </Fact>
        )}
        {notice.ends_at && (
          <Fact name={t("endsAt")}>
            <Time value={notice.ends_at} show="absolute" />
          </Fact>
        )}
        {labels.length > 0 && (
          <Fact name={t("labels")}>
            <span className={styles.labels}>
              {labels.map(([name, value]) => (
                <Chip key={name}>{value ? `${name}: ${value}` : name}</Chip>
              ))}
            </span>
          </Fact>
        )}
        <Fact name={t("id")}>
          <span className={styles.copied}>
            <code>{notice.id}</code> <CopyButton value={notice.id} />
          </span>
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
