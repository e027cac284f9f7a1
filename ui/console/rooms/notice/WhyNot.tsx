/** Why somebody did, or did not, get the notice: asked by name, answered from the trail. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorPanel, Phrase, Select, Skeleton, Time } from "../../kit";
import { Disclosure } from "../../kit/Disclosure";
import { useLocale, useText } from "../../language";
import { http } from "../../session";
import { text } from "./messages";
import { channelName } from "./nouns";
import styles from "./Timeline.module.css";
import type { Trail } from "./useNotice";

interface People {
  items: { id: string; name: string }[];
}

const MOST = 200;

export function WhyNot({ trail }: { trail: Trail }) {
  const t = useText(text);
  return (
    <Disclosure title={t("whyNot")}>
      <Ask trail={trail} />
    </Disclosure>
  );
}

function Ask({ trail }: { trail: Trail }) {
  const t = useText(text);
  const [who, setWho] = useState<string | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ["recipients", "names"],
    queryFn: ({ signal }) => http.get<People>("/api/v1/recipients", { limit: MOST }, signal),
  });
  if (error) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={1} />;
  const options = data.items.map(({ id, name }) => ({ value: id, label: name || id, ...(name ? { description: id } : {}) }));
  return (
    <div className={styles.ask}>
      <Select label={t("whom")} options={options} value={who} onChange={setWho} placeholder={t("choose")} />
      {who !== null && (
        <div role="status">
          <Answer who={who} trail={trail} />
        </div>
      )}
    </div>
  );
}

function Answer({ who, trail }: { who: string; trail: Trail }) {
  const t = useText(text);
  const locale = useLocale();
  const holder = trail.recipients.find((one) => one.recipient === who);
  const decisions = trail.decisions.filter((one) => one.recipient === who && one.channel !== null);
  return (
    <ul className={styles.answer}>
      {holder ? (
        <li>
          <Phrase t={t} id={holder.read_at ? "hasRead" : "has"} values={{ at: <Time value={holder.read_at ?? holder.created_at} /> }} />
        </li>
      ) : (
        <li>{t("hasNot")}</li>
      )}
      {decisions.map((one) => (
        <li key={one.id}>
          {t(one.verdict === "send" ? "didSend" : "didNotSend", { channel: channelName(one.channel ?? "", locale) })} {t(`why_${one.reason}`)}
        </li>
      ))}
      {decisions.length === 0 && <li>{t("noDecision")}</li>}
    </ul>
  );
}
