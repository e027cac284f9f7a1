import type { ReactNode, Ref } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components";
import styles from "./IconButton.module.css";
import { Tooltip } from "./Tooltip";

export interface IconButtonProps extends Omit<AriaButtonProps, "className" | "style" | "children" | "aria-label"> {
  /** What it does: its accessible name and its tooltip. */
  label: string;
  icon: ReactNode;
  shortcut?: string | undefined;
  ref?: Ref<HTMLButtonElement>;
}

/** A button that is only a picture; its name and its key show on hover and focus. */
export function IconButton({ label, icon, shortcut, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} shortcut={shortcut}>
      <AriaButton {...rest} aria-label={label} className={styles.button}>
        {icon}
      </AriaButton>
    </Tooltip>
  );
}
