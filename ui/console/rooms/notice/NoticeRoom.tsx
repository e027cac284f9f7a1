/** A notice at its own address, which can be sent to others. */
import { useParams } from "@tanstack/react-router";
import { NoticeView } from "./NoticeView";
import styles from "./Notice.module.css";

export default function NoticeRoom() {
  const { id = "" } = useParams({ strict: false });
  return (
    <div className={styles.room}>
      <NoticeView key={id} id={id} level={1} />
    </div>
  );
}
