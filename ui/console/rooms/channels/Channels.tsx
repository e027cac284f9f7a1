/** How messages leave the house, and how each way fares. */
import { useQuery } from "@tanstack/react-query";
import { ErrorPanel, Skeleton } from "../../kit";
import { useText } from "../../language";
import { http, may, useSession } from "../../session";
import { Page } from "../../shell/Page";
import { channelsQuery } from "../operate/api";
import { ChannelCard, type UsingConfig } from "./ChannelCard";
import styles from "./channels.module.css";
import { text } from "./messages";

const MANY = 500;

export default function Channels() {
  const t = useText(text);
  const session = useSession();
  const found = useQuery(channelsQuery);
  const configs = useQuery({
    queryKey: ["configs", "of channels"],
    queryFn: ({ signal }) => http.get<{ items: UsingConfig[] }>("/api/v1/configs", { limit: MANY }, signal),
    enabled: may(session, "configs:read"),
  });
  return (
    <Page title={t("title")} lead={t("lead")}>
      {found.isPending && <Skeleton shape="block" lines={3} />}
      {found.isError && <ErrorPanel title={t("failed")} error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && (
        <ul className={styles.cards}>
          {found.data.items.map((channel) => (
            <li key={channel.name}>
              <ChannelCard channel={channel} configs={configs.data?.items} />
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
