import { CircleCheck, CircleDashed, CircleSlash, CircleX } from "lucide-react";
import { useState } from "react";
import { Button, Chip, Code, Link, Time } from "../../kit";
import { useLocale, useText } from "../../language";
import { useReason } from "../../problems/useReason";
import { may, useSession } from "../../session";
import type { Channel } from "../operate/api";
import { Facts, Panel } from "../operate/Facts";
import { Figure, Figures } from "../operate/Figure";
import { count, share } from "../operate/numbers";
import styles from "./channels.module.css";
import { healthOf, SET_UP, usersOf } from "./health";
import { text } from "./messages";
import { TestDialog } from "./TestDialog";

/** As much of a config as is told here. */
export interface UsingConfig {
  id: string;
  name: string;
  channel: Record<string, unknown>;
}

const LOOKS = {
  working: { tone: "success", icon: CircleCheck },
  failing: { tone: "error", icon: CircleX },
  idle: { tone: "neutral", icon: CircleDashed },
  off: { tone: "warning", icon: CircleSlash },
} as const;
const USERS = 6;

export function ChannelCard({ channel, configs }: { channel: Channel; configs: readonly UsingConfig[] | undefined }) {
  const t = useText(text);
  const session = useSession();
  const [isTesting, setTesting] = useState(false);
  const health = healthOf(channel);
  const { tone, icon: Icon } = LOOKS[health];
  const state = (
    <Chip tone={tone} icon={<Icon aria-hidden size={12} />}>
      {t(health)}
    </Chip>
  );
  return (
    <Panel title={channel.name} aside={state}>
      {!channel.configured && <SetUp channel={channel} />}
      {(channel.configured || channel.dead > 0) && <Counts channel={channel} />}
      <Facts
        facts={[
          [t("lastSuccess"), channel.last_success_at && <Time value={channel.last_success_at} />],
          [t("lastFailure"), channel.last_failure_at && <Failure channel={channel} />],
          [t("usedBy"), configs && <Users name={channel.name} configs={configs} />],
        ]}
      />
      {channel.configured && may(session, "messages:write") && (
        <div>
          <Button onPress={() => setTesting(true)}>{t("test")}</Button>
        </div>
      )}
      {isTesting && <TestDialog name={channel.name} onClose={() => setTesting(false)} />}
    </Panel>
  );
}

function SetUp({ channel }: { channel: Channel }) {
  const t = useText(text);
  const say = useReason();
  const settings = SET_UP[channel.name];
  if (!settings) return <p>{t("setUpOther", { reason: say(channel.reason, channel.reason_codes) ?? "" })}</p>;
  const hints: Record<string, string> = { email: t("emailHint"), telegram: t("telegramHint"), webhook: t("webhookHint") };
  return (
    <div className={styles.setUp}>
      <p>{t("setUp")}</p>
      <Code label={t("setUpLabel", { name: channel.name })} wrap>
        {settings}
      </Code>
      <p className={styles.said}>{hints[channel.name]}</p>
    </div>
  );
}

function Counts({ channel }: { channel: Channel }) {
  const t = useText(text);
  const locale = useLocale();
  const { recent } = channel;
  const waiting = channel.pending + channel.sending;
  return (
    <Figures label={channel.name}>
      <Figure
        label={t("rate")}
        value={share(recent.success_rate, locale)}
        note={recent.sent + recent.failed > 0 && t("rateNote", { sent: recent.sent, failed: recent.failed })}
        {...(healthOf(channel) === "failing" ? { tone: "bad" as const } : {})}
      />
      <Figure
        label={t("waiting")}
        value={count(waiting, locale)}
        note={
          channel.oldest_waiting_at && (
            <>
              {t("since")} <Time value={channel.oldest_waiting_at} isStatic />
            </>
          )
        }
      />
      <Figure
        label={t("dead")}
        value={count(channel.dead, locale)}
        note={
          channel.dead > 0 && (
            <Link href={`/ops/deliveries?status=dead&channel=${encodeURIComponent(channel.name)}`}>{t("lookAtDead")}</Link>
          )
        }
        {...(channel.dead > 0 ? { tone: "bad" as const } : {})}
      />
    </Figures>
  );
}

function Failure({ channel }: { channel: Channel }) {
  const say = useReason();
  return (
    <>
      <Time value={channel.last_failure_at} />
      {channel.last_error && <p className={styles.said}>{say(channel.last_error, channel.last_error_codes)}</p>}
    </>
  );
}

function Users({ name, configs }: { name: string; configs: readonly UsingConfig[] }) {
  const t = useText(text);
  const users = usersOf(name, configs);
  if (users.length === 0) return <span className={styles.said}>{t("usedByNone")}</span>;
  return (
    <ul className={styles.users}>
      {users.slice(0, USERS).map((config) => (
        <li key={config.id}>
          <Link href={`/ops/configs/${encodeURIComponent(config.id)}`}>{config.name}</Link>
        </li>
      ))}
      {users.length > USERS && <li>{t("usedByMore", { n: users.length - USERS })}</li>}
    </ul>
  );
}
