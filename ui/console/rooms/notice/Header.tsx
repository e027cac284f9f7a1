/** How bad it is, whether it is over, and what it is about. */
import { CircleCheck, Flame } from "lucide-react";
import { Chip, Severity, severityName, Time } from "../../kit";
import { useText } from "../../language";
import { text } from "./messages";
import styles from "./Notice.module.css";
import type { Notice } from "./useNotice";

export function Header({ notice, title, level }: { notice: Notice; title: string; level: 1 | 2 }) {
  const t = useText(text);
  const Heading = level === 1 ? "h1" : "h2";
  const isOver = notice.status === "resolved";
  return (
    <header className={styles.header} data-severity={severityName(notice.severity)}>
      <p className={styles.state}>
        <Severity value={notice.severity} />
        <Chip tone={isOver ? "success" : "neutral"} icon={isOver ? <CircleCheck size={12} aria-hidden /> : <Flame size={12} aria-hidden />}>
          {t(isOver ? "resolved" : "firing")}
        </Chip>
        {notice.count > 1 && <span className={styles.quiet}>{t("times", { n: notice.count })}</span>}
        <span className={styles.quiet}>
          <Time value={notice.updated_at} />
        </span>
      </p>
      <Heading className={styles.title}>{title}</Heading>
    </header>
  );
}
