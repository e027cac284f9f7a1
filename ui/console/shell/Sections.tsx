/** Links to rooms, under the heading of their section. */
import { Link } from "@tanstack/react-router";
import { useLocale, useText } from "../language";
import type { Room, Section } from "../rooms";
import { badgeText, useCounts } from "../unread/store";
import { text } from "./messages";
import styles from "./Navigation.module.css";

const SECTIONS: readonly Section[] = ["personal", "operate", "administer"];

export function Sections({ rooms }: { rooms: readonly Room[] }) {
  const t = useText(text);
  const some = SECTIONS.map((section) => [section, rooms.filter((room) => room.nav?.section === section)] as const);
  return some
    .filter(([, inside]) => inside.length > 0)
    .map(([section, inside]) => (
      <section key={section} className={styles.section} aria-label={t(section)}>
        <h2 className={styles.title}>{t(section)}</h2>
        <ul className={styles.rooms}>
          {inside.map((room) => (
            <li key={room.paths[0]}>
              <RoomLink room={room} />
            </li>
          ))}
        </ul>
      </section>
    ));
}

export function RoomLink({ room: { nav, paths: [path] } }: { room: Room }) {
  const locale = useLocale();
  const Icon = nav?.icon;
  return (
    <Link to={path} className={styles.link} activeProps={{ "aria-current": "page" }} activeOptions={{ exact: path === "/ops" }}>
      {Icon && <Icon size={18} aria-hidden />}
      <span className={styles.label}>{nav?.label[locale]}</span>
      {nav?.isCounted && <Unread />}
    </Link>
  );
}

/** How many notices wait: the number, and its words for screen readers. */
function Unread() {
  const t = useText(text);
  const { unread } = useCounts();
  if (unread === 0) return null;
  return (
    <>
      <span className={styles.count} aria-hidden>
        {badgeText(unread)}
      </span>
      <span className="visually-hidden">
        {t("unread", { n: unread })}
      </span>
    </>
  );
}
