import type { Problem } from "@client/problem";
import { useMutation } from "@tanstack/react-query";
import { useEffect } from "react";
import { ConfirmDialog, ErrorPanel } from "../../kit";
import { useText } from "../../language";
import { queries } from "../../session";
import { type Account, accountsQuery, changeAccount, deleteAccount, inviteAgain, signOut } from "../administer/api";
import type { Made } from "./Accounts";
import { Edit } from "./Edit";
import { text } from "./messages";

/** What is to be done with an account. */
export interface Ask {
  kind: "edit" | "link" | "out" | "disable" | "enable" | "remove";
  account: Account;
}

interface AskedProps {
  ask: Ask;
  onClose: () => void;
  onMade: (made: Made) => void;
}

type Key = keyof (typeof text)["en"];

/** What cannot be taken back is asked for; the rest is done at once. */
const QUESTIONS: Partial<Record<Ask["kind"], { title: Key; body: Key; confirm: Key }>> = {
  out: { title: "signOutTitle", body: "signOutBody", confirm: "signOut" },
  disable: { title: "disableTitle", body: "disableBody", confirm: "disableConfirm" },
  remove: { title: "removeTitle", body: "removeBody", confirm: "removeConfirm" },
};

export function Asked({ ask, onClose, onMade }: AskedProps) {
  if (ask.kind === "edit") return <Edit account={ask.account} onClose={onClose} />;
  return <Act ask={ask} onClose={onClose} onMade={onMade} />;
}

function Act({ ask: { kind, account }, onClose, onMade }: AskedProps) {
  const t = useText(text);
  const question = QUESTIONS[kind];
  const act = useMutation<void, Problem>({
    mutationFn: () => run(kind, account, onMade),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: accountsQuery.queryKey });
      onClose();
    },
  });
  const { mutate } = act;
  useEffect(() => {
    if (!question) mutate();
  }, [question, mutate]);
  const words = { name: account.name };
  return (
    <ConfirmDialog
      isOpen={question !== undefined || act.isError}
      onClose={onClose}
      title={question ? t(question.title, words) : t("failed")}
      consequence={question ? t(question.body) : ""}
      confirmLabel={question ? t(question.confirm) : t(kind === "enable" ? "enable" : "newLink")}
      onConfirm={() => mutate()}
      isPending={act.isPending}
      isDanger={kind === "remove" || kind === "disable"}
      error={act.error && <ErrorPanel error={act.error.status === 409 ? t("lastAdmin") : act.error} title={t("failed")} />}
    />
  );
}

async function run(kind: Ask["kind"], account: Account, onMade: (made: Made) => void): Promise<void> {
  if (kind === "link") onMade({ account, link: await inviteAgain(account.id) });
  if (kind === "out") await signOut(account.id);
  if (kind === "remove") await deleteAccount(account.id);
  if (kind === "disable" || kind === "enable") await changeAccount(account.id, { disabled: kind === "disable" });
}
