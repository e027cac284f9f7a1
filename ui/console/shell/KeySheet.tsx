/** All shortcuts that work where one is, as the registry has them. */
import { groupBy } from "@shared/group";
import { useState } from "react";
import { useChoice } from "../choices";
import { Dialog, Keys } from "../kit";
import { useText } from "../language";
import { text } from "./keyboardMessages";
import styles from "./KeySheet.module.css";
import { type Shortcut, shortcuts } from "./keys";

export default function KeySheet({ onClose }: { onClose: () => void }) {
  const t = useText(text);
  const letters = useChoice("shortcuts");
  const [groups] = useState(() => groupBy(shortcuts(), (one) => one.group));
  return (
    <Dialog isOpen onClose={onClose} title={t("sheet")} size="large">
      <p className={styles.note}>{t(letters ? "lettersOn" : "lettersOff")}</p>
      <div className={styles.groups}>
        {[...groups].map(([group, all]) => (
          <section key={group}>
            <h3 className={styles.group}>{group}</h3>
            <dl className={styles.keys}>
              {all.map((one) => (
                <Line key={one.keys} shortcut={one} />
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function Line({ shortcut }: { shortcut: Shortcut }) {
  return (
    <div className={styles.line}>
      <dt>{shortcut.label}</dt>
      {[shortcut.keys, ...(shortcut.also ?? [])].map((keys) => (
        <dd key={keys}>
          <Keys combo={keys} />
        </dd>
      ))}
    </div>
  );
}
