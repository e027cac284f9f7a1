/** The navigation of a phone: as many places as fit under a thumb, all of them in sight, the rest in a sheet. */
import { useLocation } from "@tanstack/react-router";
import { Menu } from "lucide-react";
import { Suspense, useState } from "react";
import { useText } from "../language";
import { part } from "../parts";
import type { Room } from "../rooms";
import type { Session } from "../session";
import { atHand } from "./atHand";
import { text } from "./messages";
import styles from "./Navigation.module.css";
import { RoomLink } from "./Sections";

const More = part(() => import("./More"));

export function Bar({ session, rooms }: { session: Session; rooms: readonly Room[] }) {
  const t = useText(text);
  const { pathname } = useLocation();
  /** The page that the sheet was opened on: another page closes it. */
  const [openOn, setOpenOn] = useState<string | null>(null);
  const { near, rest } = atHand(rooms);
  const isElsewhere = rest.some(({ paths: [path] }) => (path === "/ops" ? pathname === path : pathname.startsWith(path)));
  return (
    <nav className={styles.bar} aria-label={t("navigation")}>
      <ul className={styles.places}>
        {near.map((room) => (
          <li key={room.paths[0]}>
            <RoomLink room={room} />
          </li>
        ))}
        <li>
          <button
            type="button"
            className={styles.link}
            aria-haspopup="dialog"
            aria-current={isElsewhere ? "true" : undefined}
            onClick={() => setOpenOn(pathname)}
          >
            <Menu size={18} aria-hidden />
            <span className={styles.label}>{t("more")}</span>
          </button>
        </li>
      </ul>
      <Suspense>{openOn === pathname && <More session={session} rooms={rest} onClose={() => setOpenOn(null)} />}</Suspense>
    </nav>
  );
}
