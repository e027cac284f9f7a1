/** The rooms: a rail beside the content; on a phone a bar below it with what is used most, the rest behind “More”. */
import { Link } from "@tanstack/react-router";
import { ChevronsLeft, ChevronsRight } from "lucide-react";
import { useState } from "react";
import { useText } from "../language";
import { rooms } from "../rooms";
import { may, type Session } from "../session";
import { Account } from "./Account";
import { Bar } from "./Bar";
import { PHONE, useMedia } from "./media";
import { text } from "./messages";
import styles from "./Navigation.module.css";
import { Sections } from "./Sections";

export function Navigation({ session }: { session: Session }) {
  const isPhone = useMedia(PHONE);
  const seen = rooms.filter((room) => room.nav && may(session, room.scope));
  return isPhone ? <Bar session={session} rooms={seen} /> : <Rail session={session} rooms={seen} />;
}

function Rail({ session, rooms: seen }: { session: Session; rooms: typeof rooms }) {
  const t = useText(text);
  const [narrow, setNarrow] = useState(false);
  return (
    <nav className={styles.rail} data-narrow={narrow || undefined} aria-label={t("navigation")}>
      <Link to="/" className={styles.brand} aria-label="alertwrap">
        <img src="/favicon.svg" alt="" width={24} height={24} />
        <span className={styles.label}>alertwrap</span>
      </Link>
      <div className={styles.sections}>
        <Sections rooms={seen} />
      </div>
      <Account session={session} />
      <button type="button" className={styles.fold} onClick={() => setNarrow(!narrow)} aria-label={t(narrow ? "expand" : "collapse")}>
        {narrow ? <ChevronsRight size={16} aria-hidden /> : <ChevronsLeft size={16} aria-hidden />}
      </button>
    </nav>
  );
}
