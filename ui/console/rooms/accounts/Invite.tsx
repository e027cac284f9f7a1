import type { Problem } from "@client/problem";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorPanel, FormDialog, TextField } from "../../kit";
import { useText } from "../../language";
import { queries } from "../../session";
import { type Account, accountsQuery, createAccount, fieldError, type Link, type Role } from "../administer/api";
import { RecipientField } from "../administer/RecipientField";
import type { Made } from "./Accounts";
import { text } from "./messages";
import { RoleField } from "./RoleField";

interface InviteProps {
  onClose: () => void;
  onMade: (made: Made) => void;
}

/** As the server has it; capitals become small there. */
const LOGIN = /^[A-Za-z0-9][A-Za-z0-9._@+-]*$/;
const OWN = "";

export function Invite({ onClose, onMade }: InviteProps) {
  const t = useText(text);
  const [login, setLogin] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [recipient, setRecipient] = useState(OWN);
  const [isTried, setTried] = useState(false);
  const act = useMutation<Account & { invite: Link }, Problem>({
    mutationFn: () => createAccount({ login: login.trim(), name: name.trim() || null, role, recipient: recipient || null }),
    onSuccess: ({ invite, ...account }) => {
      void queries.invalidateQueries({ queryKey: accountsQuery.queryKey });
      onClose();
      onMade({ account, link: invite });
    },
  });
  const wrongLogin = login.trim() === "" ? t("loginMissing") : LOGIN.test(login.trim()) ? null : t("loginWrong");

  function submit() {
    setTried(true);
    if (!wrongLogin) act.mutate();
  }

  return (
    <FormDialog
      onClose={onClose}
      title={t("inviteTitle")}
      submitLabel={t("inviteSubmit")}
      onSubmit={submit}
      isPending={act.isPending}
    >
      {act.error && <ErrorPanel error={act.error} title={t("inviteFailed")} />}
      <TextField
        label={t("login")}
        description={t("loginHelp")}
        value={login}
        onChange={setLogin}
        maxLength={100}
        autoComplete="off"
        autoFocus
        mono
        isRequired
        error={isTried && wrongLogin ? wrongLogin : fieldError(act.error, "login")}
      />
      <TextField label={t("name")} description={t("nameHelp")} value={name} onChange={setName} maxLength={200} autoComplete="off" error={fieldError(act.error, "name")} />
      <RoleField value={role} onChange={setRole} />
      <RecipientField
        label={t("inbox")}
        description={t("inboxHelp")}
        more={[{ value: OWN, label: t("inboxNew") }]}
        value={recipient}
        onChange={setRecipient}
        error={fieldError(act.error, "recipient")}
      />
    </FormDialog>
  );
}
