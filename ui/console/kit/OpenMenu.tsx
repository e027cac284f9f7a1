import { cloneElement, useEffect, useState } from "react";
import {
  Keyboard,
  Menu as AriaMenu,
  MenuItem,
  MenuTrigger,
  Popover,
  Separator,
  Text,
} from "react-aria-components";
import { Keys } from "./Keys";
import type { MenuAction, MenuProps } from "./Menu";
import styles from "./Menu.module.css";

interface OpenMenuProps extends MenuProps {
  trigger: NonNullable<MenuProps["trigger"]>;
  /** Opened by a key: its first item has the focus. */
  byKeyboard: boolean;
}

/**
 * A menu that opens as it appears, and its button. The button is a new one: it takes the focus of the old one before the
 * menu opens, so that it has it again when the menu is closed.
 */
export default function OpenMenu({ label, items, trigger, byKeyboard }: OpenMenuProps) {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const frame = requestAnimationFrame(() => setOpen(true));
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <MenuTrigger isOpen={isOpen} onOpenChange={setOpen}>
      {cloneElement(trigger, { autoFocus: true })}
      <Popover className={styles.popover} offset={4}>
        <AriaMenu aria-label={label} className={styles.menu} {...(byKeyboard ? { autoFocus: "first" } : {})}>
          {items.flatMap((item) => [
            ...(item.startsGroup ? [<Separator key={`${item.id}-line`} className={styles.line} />] : []),
            <Item key={item.id} item={item} />,
          ])}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

function Item({ item }: { item: MenuAction }) {
  const names = [styles.item, item.isDanger ? styles.danger : ""].join(" ");
  return (
    <MenuItem
      id={item.id}
      textValue={item.label}
      isDisabled={item.isDisabled ?? false}
      className={names}
      {...(item.href ? { href: item.href } : {})}
      {...(item.onAction ? { onAction: item.onAction } : {})}
    >
      {item.icon}
      <span className={styles.words}>
        <Text slot="label">{item.label}</Text>
        {item.description && (
          <Text slot="description" className={styles.description}>
            {item.description}
          </Text>
        )}
      </span>
      {item.shortcut && (
        <Keyboard className={styles.keys}>
          <Keys combo={item.shortcut} />
        </Keyboard>
      )}
    </MenuItem>
  );
}
