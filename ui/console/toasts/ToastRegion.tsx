/** The corner with the toasts: a landmark that F6 reaches; Esc dismisses the one with the focus. */
import type { Shown, Toast, ToastQueue } from "@client/toasts";
import { useMutation } from "@tanstack/react-query";
import { MailOpen, VolumeX, X } from "lucide-react";
import { type FocusEvent, type KeyboardEvent, useRef } from "react";
import { IconButton } from "../kit/IconButton";
import { Link } from "../kit/Link";
import { Severity, severityName } from "../kit/Severity";
import { useText } from "../language";
import { http } from "../session";
import { text } from "./messages";
import { unblock, useBlockedSound } from "./sound";
import styles from "./Toasts.module.css";

export function ToastRegion({ shown: { toasts, more }, queue }: { shown: Shown; queue: ToastQueue }) {
  const t = useText(text);
  const blocked = useBlockedSound();
  const region = useRef<HTMLElement>(null);
  const cameFrom = useRef<HTMLElement | null>(null);
  const filled = toasts.length > 0 || blocked;

  const onFocus = (event: FocusEvent) => {
    queue.pause("focus");
    if (event.relatedTarget instanceof HTMLElement && !region.current?.contains(event.relatedTarget)) {
      cameFrom.current = event.relatedTarget;
    }
  };
  const onBlur = (event: FocusEvent) => {
    if (!region.current?.contains(event.relatedTarget)) queue.resume("focus");
  };
  const goBack = () => {
    queue.resume("focus");
    (cameFrom.current?.isConnected ? cameFrom.current : document.getElementById("main"))?.focus();
  };
  const dismiss = (id: string) => {
    if (region.current?.contains(document.activeElement)) goBack();
    queue.dismiss(id);
  };
  return (
    <section
      ref={region}
      className={styles.region}
      aria-label={t("region")}
      data-region={filled || undefined}
      onPointerEnter={() => queue.pause("pointer")}
      onPointerLeave={() => queue.resume("pointer")}
      onFocus={onFocus}
      onBlur={onBlur}
    >
      {blocked && (
        <button type="button" className={styles.chip} onClick={unblock}>
          <VolumeX size={14} aria-hidden />
          {t("blocked")}
        </button>
      )}
      {toasts.length > 0 && (
        <ol className={styles.list}>
          {toasts.map((toast) => (
            <li key={toast.id}>
              <ToastCard toast={toast} onDismiss={() => dismiss(toast.id)} />
            </li>
          ))}
        </ol>
      )}
      {more > 0 && (
        <div className={styles.more}>
          <Link href="/inbox">{t("more", { n: more })}</Link>
          <IconButton label={t("dismissAll")} icon={<X size={14} aria-hidden />} onPress={() => queue.dismissAll()} />
        </div>
      )}
    </section>
  );
}

function ToastCard({ toast, onDismiss }: { toast: Toast; onDismiss: () => void }) {
  const t = useText(text);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    onDismiss();
  };
  return (
    <article className={styles.toast} onKeyDown={onKeyDown} data-severity={severityName(toast.severity)}>
      <Severity value={toast.severity} iconOnly={toast.kind !== "notice"} />
      <div className={styles.words}>
        {toast.kind === "notice" ? <NoticeWords toast={toast} onOpen={onDismiss} /> : <DigestWords toast={toast} onOpen={onDismiss} />}
      </div>
      <div className={styles.acts}>
        {toast.kind === "notice" && <ReadButton id={toast.id} onDone={onDismiss} />}
        <IconButton label={t("dismiss")} icon={<X size={14} aria-hidden />} shortcut="Escape" onPress={onDismiss} />
      </div>
    </article>
  );
}

function NoticeWords({ toast, onOpen }: { toast: Toast; onOpen: () => void }) {
  return (
    <>
      <Link quiet href={`/n/${encodeURIComponent(toast.id)}`} onPress={onOpen}>
        <strong className={styles.title}>{toast.title}</strong>
      </Link>
      {toast.body && <p className={styles.body}>{toast.body}</p>}
    </>
  );
}

function DigestWords({ toast, onOpen }: { toast: Toast; onOpen: () => void }) {
  const t = useText(text);
  return (
    <>
      <strong>{t(toast.kind === "away" ? "away" : "digest", { n: toast.count })}</strong>
      <ul className={styles.counts}>
        {Object.entries(toast.severities).map(([severity, n]) => (
          <li key={severity}>
            <Severity value={severity} size={12} /> {n}
          </li>
        ))}
      </ul>
      <Link href="/inbox" onPress={onOpen}>
        {t("openInbox")}
      </Link>
    </>
  );
}

/** The change comes back over the stream, which takes the toast away; only a failure has to be said here. */
function ReadButton({ id, onDone }: { id: string; onDone: () => void }) {
  const t = useText(text);
  const read = useMutation({
    mutationFn: () => http.post(`/api/v1/inbox/${encodeURIComponent(id)}/read`),
    onSuccess: onDone,
  });
  const label = read.error ? t("readFailed", { reason: read.error.message }) : t("read");
  return <IconButton label={label} icon={<MailOpen size={14} aria-hidden />} onPress={() => read.mutate()} isDisabled={read.isPending} />;
}
