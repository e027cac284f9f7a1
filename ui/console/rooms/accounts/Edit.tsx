import type { Problem } from "@client/problem";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorPanel, FormDialog, TextField } from "../../kit";
import { useText } from "../../language";
import { queries } from "../../session";
import { type Account, accountsQuery, changeAccount, fieldError, type Role } from "../administer/api";
import { text } from "./messages";
import { RoleField } from "./RoleField";

export function Edit({ account, onClose }: { account: Account; onClose: () => void }) {
  const t = useText(text);
  const [name, setName] = useState(account.name);
  const [role, setRole] = useState<Role>(account.role);
  const [isTried, setTried] = useState(false);
  const act = useMutation<Account, Problem>({
    mutationFn: () => changeAccount(account.id, { name: name.trim(), ...(role === account.role ? {} : { role }) }),
    onSuccess: (changed) => {
      queries.setQueryData(accountsQuery.queryKey, (known) => known?.map((one) => (one.id === changed.id ? changed : one)));
      onClose();
    },
  });

  function submit() {
    setTried(true);
    if (name.trim()) act.mutate();
  }

  return (
    <FormDialog
      onClose={onClose}
      title={t("editTitle", { name: account.name })}
      submitLabel={t("save")}
      onSubmit={submit}
      isPending={act.isPending}
    >
      {act.error && <ErrorPanel error={act.error.status === 409 ? t("lastAdmin") : act.error} title={t("editFailed")} />}
      <TextField
        label={t("name")}
        value={name}
        onChange={setName}
        maxLength={200}
        autoFocus
        error={isTried && !name.trim() ? t("nameMissing") : fieldError(act.error, "name")}
      />
      <RoleField value={role} onChange={setRole} description={t("editRole")} />
    </FormDialog>
  );
}
