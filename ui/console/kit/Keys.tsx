import { Fragment } from "react";
import styles from "./Keys.module.css";
import { isMac } from "./platform";

const MAC: Record<string, string> = { Mod: "⌘", Shift: "⇧", Alt: "⌥" };
const OTHER: Record<string, string> = { Mod: "Ctrl" };
const SIGNS: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" };

/** How a key is written here: `Mod` is ⌘ on a Mac and Ctrl elsewhere. */
function keyName(key: string): string {
  return (isMac() ? MAC[key] : OTHER[key]) ?? SIGNS[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}

/** A combination such as `Mod+K`, or keys pressed one after another such as `g i`. */
export function Keys({ combo }: { combo: string }) {
  return (
    <span className={styles.keys}>
      {combo.split(" ").map((part, at) => (
        <Fragment key={at}>
          {part.split("+").map((key, inner) => (
            <kbd key={inner}>{keyName(key)}</kbd>
          ))}
        </Fragment>
      ))}
    </span>
  );
}
