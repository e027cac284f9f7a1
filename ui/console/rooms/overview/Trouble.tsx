import { useQuery } from "@tanstack/react-query";
import { CircleX } from "lucide-react";
import { ErrorPanel, Link } from "../../kit";
import { type Text, useText } from "../../language";
import { healthOf } from "../channels/health";
import { type Channel, channelsQuery } from "../operate/api";
import { Panel } from "../operate/Facts";
import { text } from "./messages";
import styles from "./overview.module.css";

/** Channels by which something does not arrive, and why. */
export function Trouble() {
  const t = useText(text);
  const found = useQuery(channelsQuery);
  const bad = (found.data?.items ?? []).flatMap((channel) => {
    const why = whyOf(channel, t);
    return why ? [{ name: channel.name, why }] : [];
  });
  return (
    <Panel title={t("channels")} aside={<Link href="/ops/channels">{t("toChannels")}</Link>}>
      {found.isError && <ErrorPanel error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && bad.length === 0 && <p className={styles.said}>{t("channelsFine")}</p>}
      <ul className={styles.troubles}>
        {bad.map(({ name, why }) => (
          <li key={name}>
            <CircleX aria-hidden size={16} />
            <span>
              <Link href={`/ops/deliveries?status=dead&channel=${encodeURIComponent(name)}`}>{name}</Link>: {why}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function whyOf(channel: Channel, t: Text<keyof (typeof text)["en"]>): string | null {
  const { sent, failed } = channel.recent;
  if (!channel.configured) return channel.dead > 0 ? t("channelOff", { n: channel.dead }) : null;
  if (healthOf(channel) === "failing") return t("channelFailing", { failed, all: sent + failed });
  return channel.dead > 0 ? t("channelDead", { n: channel.dead }) : null;
}
