/** One line of the timeline in words: what happened, and under it why. */
import type { ReactNode } from "react";
import { Link, Phrase, Time, useSeverityWord } from "../../kit";
import { Disclosure } from "../../kit/Disclosure";
import { useLocale, useText } from "../../language";
import { useReason } from "../../problems/useReason";
import { may, type Session } from "../../session";
import { type Key, text } from "./messages";
import { alertLink, channelName, configLink, listed, messageLink, Person } from "./nouns";
import styles from "./Timeline.module.css";
import type { Line } from "./story";
import type { Decision, Trail, TrailMessage } from "./useNotice";

interface Given<L> {
  line: L;
  trail: Trail;
  session: Session;
}

type Of<Kind extends Line["kind"]> = Given<Extract<Line, { kind: Kind }>>;

export function LineWords({ line, ...rest }: Given<Line>) {
  switch (line.kind) {
    case "said":
      return <Said line={line} {...rest} />;
    case "repeated":
      return <Repeated line={line} {...rest} />;
    case "placed":
      return <Placed line={line} {...rest} />;
    case "marked":
      return <Marked line={line} {...rest} />;
    case "decided":
      return <Decided line={line} {...rest} />;
    case "tried":
      return <Tried line={line} {...rest} />;
    case "gaveUp":
      return <GaveUp line={line} {...rest} />;
  }
}

function Said({ line: { emission }, trail }: Of<"said">) {
  const t = useText(text);
  const word = useSeverityWord();
  const known: Record<string, Key> = { opened: "said_opened", escalated: "said_escalated", resolved: "said_resolved" };
  const said = emission.body as { severity?: string; title?: string };
  return (
    <>
      <p>
        <Phrase t={t} id={known[emission.effect] ?? "said_other"} values={{ alert: <AlertLink trail={trail} />, severity: word(said.severity ?? "") }} />
      </p>
      {emission.effect !== "opened" && said.title && <p className={styles.why}>{said.title}</p>}
    </>
  );
}

function AlertLink({ trail: { notice } }: { trail: Trail }) {
  return <Link href={alertLink(notice.alert)}>{notice.alert}</Link>;
}

function Repeated({ line: { emissions }, trail }: Of<"repeated">) {
  const t = useText(text);
  const words = <Phrase t={t} id="repeated" values={{ n: emissions.length, alert: trail.notice.alert }} />;
  if (emissions.length === 1) return <p>{words}</p>;
  return (
    <Disclosure title={words} level={4}>
      <ol className={styles.run}>
        {emissions.map((one) => (
          <li key={one.id}>
            <Time value={one.received_at} show="time" /> {String(one.body.title ?? "")}
          </li>
        ))}
      </ol>
    </Disclosure>
  );
}

function Placed({ line: { people }, ...rest }: Of<"placed">) {
  const t = useText(text);
  return (
    <p>
      <Phrase t={t} id="placed" values={{ people: listed(people.map((id) => <Person key={id} id={id} {...rest} />)) }} />
    </p>
  );
}

function Marked({ line: { mark, holder }, ...rest }: Of<"marked">) {
  const t = useText(text);
  return (
    <>
      <p>
        <Phrase t={t} id={`marked_${mark}`} values={{ person: <Person id={holder.recipient} {...rest} /> }} />
      </p>
      {mark === "acknowledged" && holder.acknowledge_note && <blockquote className={styles.note}>{holder.acknowledge_note}</blockquote>}
    </>
  );
}

function Decided({ line: { decisions }, ...rest }: Of<"decided">) {
  const t = useText(text);
  const locale = useLocale();
  const [first] = decisions;
  if (!first) return null;
  const receivers = decisions.filter((one) => one.recipient !== null || one.address !== null);
  const values: Record<string, ReactNode> = {
    channel: first.channel && channelName(first.channel, locale),
    people: listed(receivers.map((one) => <Receiver key={one.id} one={one} {...rest} />)),
    until: <Time value={first.at} />,
  };
  return (
    <>
      <p>
        <Phrase t={t} id={decidedKey(first, receivers.length)} values={values} />
      </p>
      <p className={styles.why}>
        {t(`why_${first.reason}`)} <ByConfig one={first} {...rest} />
      </p>
    </>
  );
}

function decidedKey({ verdict, channel }: Decision, receivers: number): Key {
  if (verdict === "send") return channel === "panel" ? "decided_send_panel" : "decided_send";
  if (verdict === "wait") return "decided_wait";
  if (channel === null) return "decided_skip_config";
  return receivers > 0 ? "decided_skip" : "decided_skip_all";
}

function Receiver({ one, trail, session }: { one: Decision; trail: Trail; session: Session }) {
  if (one.recipient === null) return <code>{one.address}</code>;
  return (
    <>
      <Person id={one.recipient} trail={trail} session={session} />
      {one.address && <span className={styles.address}> {one.address}</span>}
    </>
  );
}

/** By which config, as it was then, and whether it has been changed since. */
function ByConfig({ one, trail, session }: { one: Decision; trail: Trail; session: Session }) {
  const t = useText(text);
  if (one.config === null) return null;
  const now = trail.configs[one.config];
  const config = now && may(session, "configs:read") ? <Link href={configLink(one.config)}>{one.config}</Link> : one.config;
  const isOld = now && one.revision !== null && now.revision !== one.revision;
  return (
    <span className={styles.config}>
      <Phrase t={t} id={one.revision === null ? "byConfigUnknown" : "byConfig"} values={{ config, revision: one.revision ?? "" }} />
      {isOld && <> · {t("changedSince", { revision: now.revision })}</>}
      {!now && <> · {t("configGone")}</>}
    </span>
  );
}

function Tried({ line: { message, tries }, session }: Of<"tried">) {
  const t = useText(text);
  const [first] = tries;
  const outcome = first?.outcome ?? "started";
  const known: Record<string, Key> = { sent: "tried_sent", failed: "tried_failed", lost: "tried_lost" };
  const words = <SentWords id={known[outcome] ?? "tried_started"} message={message} session={session} n={tries.length} />;
  if (tries.length > 1) {
    return (
      <Disclosure title={words} level={4}>
        <ol className={styles.run}>
          {tries.map((one, at) => (
            <li key={at}>
              <Time value={one.started_at} show="time" /> {t("attempt", { n: at + 1 })} <Evidence one={one} />
            </li>
          ))}
        </ol>
      </Disclosure>
    );
  }
  return (
    <>
      <p>{words}</p>
      {first && <Evidence one={first} />}
    </>
  );
}

/** What the provider said, and by which name it knows the message. */
function Evidence({ one: { error, error_codes: codes, answer, reference } }: { one: TrailMessage["attempts"][number] }) {
  const t = useText(text);
  const say = useReason();
  const said = [say(error, codes), answer && t("provider", { answer }), reference].filter(Boolean);
  return said.length > 0 ? <p className={styles.why}>{said.join(" · ")}</p> : null;
}

function GaveUp({ line: { message }, session }: Of<"gaveUp">) {
  const say = useReason();
  return (
    <>
      <p>
        <SentWords id="gaveUp" message={message} session={session} n={1} />
      </p>
      {message.reason && <p className={styles.why}>{say(message.reason, message.reason_codes)}</p>}
    </>
  );
}

export function SentWords({ id, message, session, n }: { id: Key; message: TrailMessage; session: Session; n: number }) {
  const t = useText(text);
  const locale = useLocale();
  const to = may(session, "messages:read") ? <Link href={messageLink(message.id)}>{message.to}</Link> : message.to;
  return <Phrase t={t} id={id} values={{ n, to, channel: channelName(message.channel, locale) }} />;
}
