/** What a person can do with a notice of theirs: where it points first. Shown at once, put back when refused. */
import { type Act } from "@client/inbox";
import { linkOf } from "@client/entries";
import { safeLink } from "@shared/markdown";
import { useMutation } from "@tanstack/react-query";
import { ArchiveRestore, Check, ExternalLink, ListCheck, Mail, MailOpen } from "lucide-react";
import { useState } from "react";
import { Button, Chip, ErrorPanel, Popover, TextArea } from "../../kit";
import { useText } from "../../language";
import { http } from "../../session";
import { inbox } from "../../unread/store";
import { text } from "./messages";
import styles from "./Notice.module.css";
import type { Holder, Notice } from "./useNotice";

export function Actions({ notice, own }: { notice: Notice; own: Holder | undefined }) {
  return (
    <div className={styles.actions}>
      <WhereItPoints notice={notice} />
      {notice.actions.map((action, at) => (
        <OwnButton key={at} action={action} />
      ))}
      {own && <Marks notice={notice} own={own} />}
    </div>
  );
}

function WhereItPoints({ notice }: { notice: Notice }) {
  const t = useText(text);
  const link = linkOf(notice);
  if (!link) return null;
  return (
    <a className={styles.primary} href={link.href} {...(link.isOutside ? OUTSIDE : {})}>
      <ExternalLink size={16} aria-hidden />
      {t("open", { host: link.isOutside ? link.host : link.href })}
    </a>
  );
}

const OUTSIDE = { target: "_blank", rel: "noopener noreferrer nofollow" };

/** A button that the alert brought: a link, or an answer, which only a chat can give. */
function OwnButton({ action }: { action: Notice["actions"][number] }) {
  const t = useText(text);
  const link = action.url ? safeLink(action.url) : null;
  if (!link) return <Button disabledReason={t("inChat")}>{action.label}</Button>;
  return (
    <a className={styles.secondary} href={link.href} title={link.host} {...(link.isOutside ? OUTSIDE : {})}>
      {action.label}
    </a>
  );
}

function Marks({ notice, own }: { notice: Notice; own: Holder }) {
  const t = useText(text);
  const mark = useMutation({ mutationFn: (act: Act) => inbox.act(act, [notice.id]) });
  return (
    <>
      <Button
        icon={own.read_at ? <Mail size={16} aria-hidden /> : <MailOpen size={16} aria-hidden />}
        onPress={() => mark.mutate(own.read_at ? "unread" : "read")}
      >
        {t(own.read_at ? "markUnread" : "markRead")}
      </Button>
      <Button
        icon={own.archived_at ? <ArchiveRestore size={16} aria-hidden /> : <ListCheck size={16} aria-hidden />}
        onPress={() => mark.mutate(own.archived_at ? "unarchive" : "archive")}
      >
        {t(own.archived_at ? "unarchive" : "archive")}
      </Button>
      {own.acknowledged_at ? (
        <Chip tone="success" icon={<Check size={12} aria-hidden />}>
          {t("acknowledged")}
        </Chip>
      ) : (
        <Acknowledge id={notice.id} />
      )}
      {mark.error && <ErrorPanel error={mark.error} title={t("failed")} />}
    </>
  );
}

function Acknowledge({ id }: { id: string }) {
  const t = useText(text);
  const [note, setNote] = useState("");
  const sending = useMutation({
    mutationFn: () => http.post(`/api/v1/inbox/${encodeURIComponent(id)}/acknowledge`, note ? { note } : {}),
  });
  return (
    <Popover label={t("acknowledge")} trigger={<Button icon={<Check size={16} aria-hidden />}>{t("acknowledge")}</Button>}>
      <div className={styles.form}>
        <TextArea label={t("note")} description={t("noteHelp")} value={note} onChange={setNote} maxLength={4000} rows={3} autoFocus />
        {sending.error && <ErrorPanel error={sending.error} />}
        <Button variant="primary" onPress={() => sending.mutate()} isPending={sending.isPending}>
          {t("acknowledge")}
        </Button>
      </div>
    </Popover>
  );
}
