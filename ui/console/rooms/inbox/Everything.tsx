/** An act on all that match: it says first what exactly it will touch, and then touches exactly that. */
import { type Act, type Done, type Filter, preview } from "@client/inbox";
import { useEffect, useState } from "react";
import { Button, ConfirmDialog, Dialog, Skeleton } from "../../kit";
import { useLocale, useText } from "../../language";
import { http } from "../../session";
import { text } from "./messages";
import { isFiltered } from "../../filters/search";

const LABELS = { read: "read", unread: "markUnread", archive: "done", unarchive: "restore" } as const;

export interface EverythingProps {
  act: Act;
  filter: Filter;
  onAct: (asOf: string) => void;
  onClose: () => void;
}

export function Everything({ act, filter, onAct, onClose }: EverythingProps) {
  const t = useText(text);
  const locale = useLocale();
  const [scope, setScope] = useState<(Done & { asOf: string }) | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    preview(http, act, filter).then(
      (found) => current && setScope(found),
      (problem: Error) => current && setFailure(problem.message),
    );
    return () => {
      current = false;
    };
  }, [act, filter]);
  const where = useWhere(filter);
  const label = t(LABELS[act]);
  if (scope === null || scope.touched === 0)
    return (
      <Dialog isOpen onClose={onClose} title={label} size="small" footer={<Button onPress={onClose}>{t("cancel")}</Button>}>
        {failure ?? (scope ? t("scopeNone", { where }) : <Skeleton lines={2} />)}
      </Dialog>
    );
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "medium" }).format(new Date());
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={t(scope.more ? "scopeMany" : "scopeTitle", { act: label, n: scope.touched })}
      consequence={
        <>
          <p>{t("scopeBody", { where, time })}</p>
          {scope.more && <p>{t("scopeLimit", { n: scope.touched })}</p>}
        </>
      }
      confirmLabel={label}
      onConfirm={() => onAct(scope.asOf)}
    />
  );
}

function useWhere(filter: Filter): string {
  const t = useText(text);
  const { view, ...rest } = filter;
  const view_ = t(view);
  if (!isFiltered(filter)) return t("whereAll", { view: view_ });
  const filters = Object.values(rest).flat().map((value) => `“${value}”`).join(", "); // prettier-ignore
  return t("whereFiltered", { view: view_, filters });
}
