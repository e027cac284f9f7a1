/** What is still to come, in words. */
import { Link, Phrase } from "../../kit";
import { useLocale, useText } from "../../language";
import { useReason } from "../../problems/useReason";
import { may, type Session } from "../../session";
import { SentWords } from "./LineWords";
import { text } from "./messages";
import { channelName, configLink } from "./nouns";
import styles from "./Timeline.module.css";
import type { Coming } from "./story";
import type { Trail } from "./useNotice";

export function ComingWords({ one, trail, session }: { one: Coming; trail: Trail; session: Session }) {
  const t = useText(text);
  const locale = useLocale();
  const say = useReason();
  if (one.kind === "retry") {
    return (
      <>
        <p>
          <SentWords id="coming_retry" message={one.message} session={session} n={1} />
        </p>
        {one.message.reason && <p className={styles.why}>{say(one.message.reason, one.message.reason_codes)}</p>}
      </>
    );
  }
  const { config, channel, error } = one.step;
  const name = config in trail.configs && may(session, "configs:read") ? <Link href={configLink(config)}>{config}</Link> : config;
  return (
    <>
      <p>{t("coming_step", { channel: channelName(channel, locale) })}</p>
      <p className={styles.why}>
        {error ? t("stepError", { error }) : <Phrase t={t} id="byConfigUnknown" values={{ config: name }} />}
      </p>
    </>
  );
}
