import { LoaderCircle } from "lucide-react";
import type { ReactNode, Ref } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components";
import styles from "./Button.module.css";
import { Tooltip } from "./Tooltip";

export type ButtonVariant = "default" | "primary" | "quiet" | "danger";

export interface ButtonProps extends Omit<AriaButtonProps, "className" | "style" | "children"> {
  children: ReactNode;
  variant?: ButtonVariant;
  size?: "small" | "medium";
  icon?: ReactNode;
  /** Why it cannot be pressed now: the button stays focusable, says so, and does nothing. */
  disabledReason?: string | null | undefined;
  /** The key that does the same, shown in a tooltip. */
  shortcut?: string | undefined;
  ref?: Ref<HTMLButtonElement>;
}

/** A button; `isPending` keeps its width and its focus, and tells a screen reader. */
export function Button({
  variant = "default",
  size = "medium",
  icon,
  children,
  disabledReason,
  shortcut,
  ...rest
}: ButtonProps) {
  const names = [styles.button, variant === "default" ? "" : styles[variant], size === "small" ? styles.small : ""].join(" ");
  const blocked = disabledReason ? { onPress: undefined, type: "button" as const, "aria-disabled": true } : {};
  const button = (
    <AriaButton {...rest} {...blocked} className={names}>
      {({ isPending }) => (
        <>
          <span className={styles.content} data-hidden={isPending || undefined}>
            {icon}
            {children}
          </span>
          {isPending && <LoaderCircle className={styles.spinner} aria-hidden size={16} />}
        </>
      )}
    </AriaButton>
  );
  if (!disabledReason && !shortcut) return button;
  return (
    <Tooltip text={disabledReason ?? ""} shortcut={disabledReason ? undefined : shortcut}>
      {button}
    </Tooltip>
  );
}
