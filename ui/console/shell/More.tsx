/** The rooms that find no place in the bar of a phone, and whose account this is. */
import { Dialog } from "../kit";
import { useText } from "../language";
import type { Room } from "../rooms";
import type { Session } from "../session";
import { Account } from "./Account";
import { text } from "./messages";
import styles from "./Navigation.module.css";
import { Sections } from "./Sections";

export default function More({ session, rooms, onClose }: { session: Session; rooms: readonly Room[]; onClose: () => void }) {
  const t = useText(text);
  return (
    <Dialog isOpen onClose={onClose} title={t("more")}>
      <nav className={styles.sheet} aria-label={t("moreRooms")}>
        <Sections rooms={rooms} />
      </nav>
      <Account session={session} />
    </Dialog>
  );
}
