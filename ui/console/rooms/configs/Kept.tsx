import { Button } from "../../kit";
import { useText } from "../../language";
import styles from "./Configs.module.css";
import { text } from "./messages";

/** Says that a form holds what was typed before and not saved, and offers to begin anew. */
export function Kept({ onDiscard }: { onDiscard: () => void }) {
  const t = useText(text);
  return (
    <div className={styles.kept} role="status">
      <span>{t("draftKept")}</span>
      <Button size="small" onPress={onDiscard}>
        {t("discard")}
      </Button>
    </div>
  );
}
