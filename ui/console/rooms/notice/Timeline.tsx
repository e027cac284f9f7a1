/** Everything that happened to a notice, with the reason of each step, and what is still to come. */
import { Archive, ArrowUpRight, Bell, CircleCheck, CircleSlash, CircleX, Clock, Eye, HandHelping, type LucideIcon, Repeat, Send, UserRound } from "lucide-react";
import type { ReactNode } from "react";
import { useText } from "../../language";
import { may, type Session } from "../../session";
import { Time } from "../../kit";
import { Countdown } from "./Countdown";
import { LineWords } from "./LineWords";
import { text } from "./messages";
import styles from "./Timeline.module.css";
import { type Coming, future, type Line, story } from "./story";
import { ComingWords } from "./ComingWords";
import type { Trail } from "./useNotice";
import { WhyNot } from "./WhyNot";

type Tone = "plain" | "good" | "bad" | "quiet";

export function Timeline({ trail, session }: { trail: Trail; session: Session }) {
  const t = useText(text);
  const coming = future(trail);
  const shown = trail.emissions.length;
  return (
    <section className={styles.timeline}>
      <h2 className={styles.heading}>{t(may(session, "notices:read") ? "timeline" : "ownTimeline")}</h2>
      {trail.missing && <p className={styles.missing}>{t("missing", { reason: trail.missing })}</p>}
      {trail.notice.count > shown && <p className={styles.missing}>{t("someOmitted", { n: trail.notice.count, shown })}</p>}
      <ol className={styles.lines}>
        {story(trail).map((line) => (
          <Row key={line.id} look={lookOf(line)} at={<Time value={line.at} />} kind={line.kind}>
            <LineWords line={line} trail={trail} session={session} />
          </Row>
        ))}
      </ol>
      {coming.length > 0 && <Future coming={coming} trail={trail} session={session} />}
      {may(session, "notices:read") && may(session, "configs:read") && <WhyNot trail={trail} />}
    </section>
  );
}

function Future({ coming, trail, session }: { coming: Coming[]; trail: Trail; session: Session }) {
  const t = useText(text);
  return (
    <>
      <h3 className={styles.heading}>{t("comingTitle")}</h3>
      <ol className={styles.lines}>
        {coming.map((one) => (
          <Row key={one.id} look={{ icon: Clock, tone: "quiet" }} at={<Countdown at={one.at} />} kind="coming">
            <ComingWords one={one} trail={trail} session={session} />
          </Row>
        ))}
      </ol>
    </>
  );
}

interface Look {
  icon: LucideIcon;
  tone: Tone;
}

function Row({ look: { icon: Icon, tone }, at, kind, children }: { look: Look; at: ReactNode; kind: string; children: ReactNode }) {
  return (
    <li className={styles.line} data-kind={kind}>
      <span className={[styles.icon, styles[tone]].join(" ")}>
        <Icon size={14} aria-hidden />
      </span>
      <div className={styles.words}>{children}</div>
      <span className={styles.at}>{at}</span>
    </li>
  );
}

const MARKS = { read: Eye, acknowledged: HandHelping, archived: Archive };

function lookOf(line: Line): Look {
  switch (line.kind) {
    case "said":
      return saidLook(line.emission.effect);
    case "repeated":
      return { icon: Repeat, tone: "quiet" };
    case "placed":
      return { icon: UserRound, tone: "plain" };
    case "marked":
      return { icon: MARKS[line.mark], tone: "good" };
    case "decided":
      return decidedLook(line.decisions[0]?.verdict);
    case "tried":
      return line.tries[0]?.outcome === "sent" ? { icon: CircleCheck, tone: "good" } : { icon: CircleX, tone: "bad" };
    case "gaveUp":
      return { icon: CircleX, tone: "bad" };
  }
}

function saidLook(effect: string): Look {
  if (effect === "resolved") return { icon: CircleCheck, tone: "good" };
  return effect === "escalated" ? { icon: ArrowUpRight, tone: "bad" } : { icon: Bell, tone: "plain" };
}

function decidedLook(verdict: string | undefined): Look {
  if (verdict === "send") return { icon: Send, tone: "plain" };
  return verdict === "wait" ? { icon: Clock, tone: "quiet" } : { icon: CircleSlash, tone: "quiet" };
}
