/**
 * Pictures and files that came with the notice. Pictures are asked of our own server, which fetches and checks them; the
 * browser goes elsewhere only when a link is followed.
 */
import { safeLink } from "@shared/markdown";
import { FileText } from "lucide-react";
import { useState } from "react";
import { Link } from "../../kit";
import { useText } from "../../language";
import type { Session } from "../../session";
import { text } from "./messages";
import styles from "./Notice.module.css";
import { addressOf, type Notice } from "./useNotice";

type Attachment = Notice["attachments"][number];

export function Attachments({ notice, session }: { notice: Notice; session: Session }) {
  const t = useText(text);
  if (notice.attachments.length === 0) return null;
  return (
    <section aria-label={t("pictures")} className={styles.attachments}>
      {notice.attachments.map((one, at) =>
        isPicture(one) ? (
          <Picture key={at} one={one} source={`${addressOf(session, notice.id)}/pictures/${at}`} />
        ) : (
          <FileLink key={at} one={one} />
        ),
      )}
    </section>
  );
}

const NAMED = /\.(png|jpe?g|gif|webp)(\?|$)/i;

const isPicture = ({ type, url, name }: Attachment): boolean =>
  type ? type.startsWith("image/") || NAMED.test(name ?? "") || NAMED.test(url) : NAMED.test(url);

const nameOf = ({ name, url }: Attachment): string => name || url.slice(url.lastIndexOf("/") + 1, 200) || url;

function Picture({ one, source }: { one: Attachment; source: string }) {
  const t = useText(text);
  const [isGone, setGone] = useState(false);
  const link = safeLink(one.url);
  const name = nameOf(one);
  if (isGone) return link ? <FileLink one={one} /> : <p className={styles.quiet}>{t("pictureGone", { name, host: one.type ?? "" })}</p>;
  return (
    <figure className={styles.figure}>
      <img src={source} alt={name} loading="lazy" onError={() => setGone(true)} />
      <figcaption>{link ? <Link href={link.href} external>{name}</Link> : one.name}</figcaption>
    </figure>
  );
}

function FileLink({ one }: { one: Attachment }) {
  const link = safeLink(one.url);
  return (
    <p className={styles.file}>
      <FileText size={16} aria-hidden />
      {link ? (
        <>
          <Link href={link.href} external={link.isOutside}>
            {nameOf(one)}
          </Link>
          <span className={styles.quiet}>{link.host}</span>
        </>
      ) : (
        nameOf(one)
      )}
    </p>
  );
}
