/** What can be done with what is selected. */
import type { Act } from "@client/inbox";
import { Inbox, ListCheck, Mail, MailOpen } from "lucide-react";
import { Button } from "../../kit";
import { useText } from "../../language";
import styles from "./BulkBar.module.css";
import { text } from "./messages";

export interface BulkBarProps {
  count: number;
  isArchive: boolean;
  onAct: (act: Act) => void;
  onAll: () => void;
  onNone: () => void;
}

export function BulkBar({ count, isArchive, onAct, onAll, onNone }: BulkBarProps) {
  const t = useText(text);
  if (count === 0) return null;
  return (
    <div className={styles.bar} role="toolbar" aria-label={t("selected", { n: count })}>
      <strong className={styles.count} role="status">
        {t("selected", { n: count })}
      </strong>
      <Button size="small" icon={<MailOpen size={14} aria-hidden />} shortcut="Shift+I" onPress={() => onAct("read")}>
        {t("read")}
      </Button>
      <Button size="small" icon={<Mail size={14} aria-hidden />} shortcut="Shift+U" onPress={() => onAct("unread")}>
        {t("markUnread")}
      </Button>
      {isArchive ? (
        <Button size="small" icon={<Inbox size={14} aria-hidden />} shortcut="e" onPress={() => onAct("unarchive")}>
          {t("restore")}
        </Button>
      ) : (
        <Button size="small" icon={<ListCheck size={14} aria-hidden />} shortcut="e" onPress={() => onAct("archive")}>
          {t("done")}
        </Button>
      )}
      <Button size="small" variant="quiet" onPress={onAll}>
        {t("selectShown")}
      </Button>
      <Button size="small" variant="quiet" onPress={onNone}>
        {t("selectNone")}
      </Button>
    </div>
  );
}
