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

/** A menu that opens as it appears, and its button. */
export default function OpenMenu({ label, items, trigger }: MenuProps & Required<Pick<MenuProps, "trigger">>) {
  return (
    <MenuTrigger defaultOpen>
      {trigger}
      <Popover className={styles.popover} offset={4}>
        <AriaMenu aria-label={label} className={styles.menu}>
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
