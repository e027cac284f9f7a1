/** The rooms: a rail beside the content; on a phone a bar below it, the rest behind “More”. */
import { Link } from "@tanstack/react-router";
import { ChevronsLeft, ChevronsRight } from "lucide-react";
import { useState } from "react";
import { useLocale, useText } from "../language";
import { type Room, rooms, type Section } from "../rooms";
import { may, type Session } from "../session";
import { Account } from "./Account";
import { text } from "./messages";
import styles from "./Navigation.module.css";

const SECTIONS: readonly Section[] = ["personal", "operate", "administer"];

export function Navigation({ session }: { session: Session }) {
  const t = useText(text);
  const [narrow, setNarrow] = useState(false);
  const seen = rooms.filter((room) => room.nav && may(session, room.scope));
  return (
    <nav className={styles.rail} data-narrow={narrow || undefined} aria-label={t("navigation")}>
      <Link to="/" className={styles.brand} aria-label="alertwrap">
        <img src="/favicon.svg" alt="" width={24} height={24} />
        <span className={styles.label}>alertwrap</span>
      </Link>
      <div className={styles.sections}>
        {SECTIONS.map((section) => (
          <SectionOf key={section} title={t(section)} rooms={seen.filter((room) => room.nav?.section === section)} />
        ))}
      </div>
      <Account session={session} />
      <button type="button" className={styles.fold} onClick={() => setNarrow(!narrow)} aria-label={t(narrow ? "expand" : "collapse")}>
        {narrow ? <ChevronsRight size={16} aria-hidden /> : <ChevronsLeft size={16} aria-hidden />}
      </button>
    </nav>
  );
}

function SectionOf({ title, rooms }: { title: string; rooms: readonly Room[] }) {
  const locale = useLocale();
  if (rooms.length === 0) return null;
  return (
    <section className={styles.section} aria-label={title}>
      <h2 className={styles.title}>{title}</h2>
      <ul className={styles.list}>
        {rooms.map(({ nav, paths: [path] }) => {
          const Icon = nav?.icon;
          return (
            <li key={path}>
              <Link to={path} className={styles.link} activeProps={{ "aria-current": "page" }} activeOptions={{ exact: path === "/ops" }}>
                {Icon && <Icon size={18} aria-hidden />}
                <span className={styles.label}>{nav?.label[locale]}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
