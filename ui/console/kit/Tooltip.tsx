import type { ReactElement } from "react";
import { Tooltip as AriaTooltip, TooltipTrigger } from "react-aria-components";
import { Keys } from "./Keys";
import styles from "./Tooltip.module.css";

export interface TooltipProps {
  text: string;
  /** A second line. */
  more?: string | undefined;
  /** Such as `Mod+K` or `g i`. */
  shortcut?: string | undefined;
  /** For a control whose press changes the words. */
  staysOnPress?: boolean;
  children: ReactElement;
}

/** Words that appear on hover and on focus beside the one control inside; Esc hides them. */
export function Tooltip({ text, more, shortcut, staysOnPress = false, children }: TooltipProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={100} shouldCloseOnPress={!staysOnPress}>
      {children}
      <AriaTooltip className={styles.tooltip} offset={6}>
        <span>
          {text}
          {more && <span className={styles.more}>{more}</span>}
        </span>
        {shortcut && <Keys combo={shortcut} />}
      </AriaTooltip>
    </TooltipTrigger>
  );
}
