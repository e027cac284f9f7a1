import type { Problem } from "@client/problem";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Checkbox, ErrorPanel, FormDialog, Select, TextField } from "../../kit";
import { FieldProblemText } from "../../kit/Field";
import { useText } from "../../language";
import { queries } from "../../session";
import { createToken, fieldError, tokensQuery } from "../administer/api";
import styles from "../administer/administer.module.css";
import { RecipientField } from "../administer/RecipientField";
import { SCOPES, type Scope, text } from "./messages";

interface CreateTokenProps {
  onClose: () => void;
  onCreated: (secret: string) => void;
}

const LASTING = { days30: "30d", days90: "90d", days365: "365d", forever: null } as const;
type Lasting = keyof typeof LASTING;

/** What was typed stays until the server has taken it. */
export function CreateToken({ onClose, onCreated }: CreateTokenProps) {
  const t = useText(text);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>([]);
  const [recipient, setRecipient] = useState<string | null>(null);
  const [lasting, setLasting] = useState<Lasting>("days90");
  const [isTried, setTried] = useState(false);
  const act = useMutation<{ token: string }, Problem>({
    mutationFn: () => createToken({ name: name.trim(), scopes: [...scopes], recipient: whose, expires_in: LASTING[lasting] }),
    onSuccess: ({ token }) => {
      void queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
      onClose();
      onCreated(token);
    },
  });
  const wantsInbox = scopes.includes("inbox");
  const whose = wantsInbox ? recipient : null;
  const isWhole = scopes.length > 0 && (!wantsInbox || recipient !== null);

  function submit() {
    setTried(true);
    if (isWhole) act.mutate();
  }

  return (
    <FormDialog
      onClose={onClose}
      title={t("createTitle")}
      size="large"
      submitLabel={t("create")}
      onSubmit={submit}
      isPending={act.isPending}
    >
      {act.error && <ErrorPanel error={act.error} title={t("createFailed")} />}
      <TextField label={t("name")} description={t("nameHelp")} value={name} onChange={setName} maxLength={200} autoFocus error={fieldError(act.error, "name")} />
      <ScopesField chosen={scopes} onChange={setScopes} error={isTried && scopes.length === 0 ? t("scopesMissing") : null} />
      {wantsInbox && (
        <RecipientField
          label={t("recipient")}
          description={t("recipientHelp")}
          value={recipient}
          onChange={setRecipient}
          error={isTried && recipient === null ? t("recipientMissing") : fieldError(act.error, "recipient")}
        />
      )}
      <Select
        label={t("lasting")}
        options={(Object.keys(LASTING) as Lasting[]).map((one) => ({ value: one, label: t(one) }))}
        value={lasting}
        onChange={(chosen) => setLasting(chosen as Lasting)}
        error={fieldError(act.error, "expires_in")}
      />
    </FormDialog>
  );
}

interface ScopesFieldProps {
  chosen: readonly Scope[];
  onChange: (scopes: readonly Scope[]) => void;
  error: string | null;
}

function ScopesField({ chosen, onChange, error }: ScopesFieldProps) {
  const t = useText(text);
  const toggle = (scope: Scope, on: boolean) => onChange(on ? [...chosen, scope] : chosen.filter((one) => one !== scope));
  return (
    <fieldset className={styles.scopes}>
      <legend>{t("scopes")}</legend>
      <div>
        {SCOPES.map((scope) => (
          <Checkbox key={scope} value={chosen.includes(scope)} onChange={(on) => toggle(scope, on)} description={t(`scope_${scope}`)}>
            <code>{scope}</code>
          </Checkbox>
        ))}
      </div>
      <FieldProblemText error={error} />
    </fieldset>
  );
}
