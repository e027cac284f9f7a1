/** Tells that a part of the page did not come, where it could not be loaded anew without asking. */
import { RotateCw } from "lucide-react";
import { Button } from "../kit";
import { useText } from "../language";
import { useMissing } from "../parts";
import styles from "./LiveBar.module.css";
import { text } from "./messages";

export function MissingBar() {
  const t = useText(text);
  if (!useMissing()) return null;
  return (
    <div className={styles.bar} role="status">
      {t("missing")} {t("missingBody")} <LoadAgain />
    </div>
  );
}

export function LoadAgain() {
  const t = useText(text);
  return (
    <Button size="small" icon={<RotateCw aria-hidden size={14} />} onPress={() => location.reload()}>
      {t("loadAgain")}
    </Button>
  );
}
