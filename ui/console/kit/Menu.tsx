import { Ellipsis } from "lucide-react";
import { cloneElement, type ReactElement, type ReactNode, Suspense, useState } from "react";
import type { PressEvent } from "react-aria-components";
import { part } from "../parts";
import { IconButton } from "./IconButton";

/** The list comes when a menu is first opened: a sixth of the console's code would else come with the first page. */
const OpenMenu = part(() => import("./OpenMenu"));

interface Trigger {
  onPress?: ((event: PressEvent) => void) | undefined;
  "aria-haspopup"?: "menu";
  autoFocus?: boolean;
}

export interface MenuAction {
  id: string;
  label: string;
  icon?: ReactNode;
  description?: string;
  shortcut?: string | undefined;
  href?: string;
  isDisabled?: boolean;
  isDanger?: boolean;
  /** A line above it. */
  startsGroup?: boolean;
  onAction?: () => void;
}

export interface MenuProps {
  /** The name of the menu, and of its button when `trigger` is not given. */
  label: string;
  items: readonly MenuAction[];
  trigger?: ReactElement<Trigger>;
}

/** What can be done with a thing, behind one button. */
export function Menu(props: MenuProps) {
  const [openedBy, setOpenedBy] = useState<PressEvent["pointerType"] | null>(null);
  const button = props.trigger ?? <IconButton label={props.label} icon={<Ellipsis aria-hidden size={16} />} />;
  const closed = cloneElement(button, { onPress: (event: PressEvent) => setOpenedBy(event.pointerType), "aria-haspopup": "menu" });
  if (openedBy === null) return closed;
  return (
    <Suspense fallback={closed}>
      <OpenMenu {...props} trigger={button} byKeyboard={openedBy === "keyboard" || openedBy === "virtual"} />
    </Suspense>
  );
}
