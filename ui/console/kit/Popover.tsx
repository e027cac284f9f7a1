import type { ReactElement, ReactNode } from "react";
import { Dialog as AriaDialog, DialogTrigger, Popover as AriaPopover } from "react-aria-components";
import styles from "./Popover.module.css";

export interface PopoverProps {
  label: string;
  /** The button that opens it. */
  trigger: ReactElement;
  children: ReactNode | ((close: () => void) => ReactNode);
  placement?: "bottom" | "bottom start" | "bottom end" | "top" | "end" | "start";
}

/** A small panel beside its button; Esc and a click elsewhere close it. */
export function Popover({ label, trigger, children, placement = "bottom start" }: PopoverProps) {
  return (
    <DialogTrigger>
      {trigger}
      <AriaPopover className={styles.popover} placement={placement} offset={4}>
        <AriaDialog aria-label={label} className={styles.dialog}>
          {({ close }) => <>{typeof children === "function" ? children(close) : children}</>}
        </AriaDialog>
      </AriaPopover>
    </DialogTrigger>
  );
}
