import type { Problem } from "@client/problem";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button, Dialog, ErrorPanel, TextField } from "../../kit";
import { useText } from "../../language";
import { queries } from "../../session";
import { type Account, accountsQuery, changeAccount, fieldError, type Role } from "../administer/api";
import styles from "../administer/administer.module.css";
import { text } from "./messages";
import { RoleField } from "./RoleField";

export function Edit({ account, onClose }: { account: Account; onClose: () => void }) {
  const t = useText(text);
  const form = useId();
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

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (name.trim() && !act.isPending) act.mutate();
  }

  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t("editTitle", { name: account.name })}
      isStubborn
      footer={
        <>
          <Button onPress={onClose}>{t("cancel")}</Button>
          <Button type="submit" form={form} variant="primary" isPending={act.isPending}>
            {t("save")}
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit} noValidate>
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
      </form>
    </Dialog>
  );
}
