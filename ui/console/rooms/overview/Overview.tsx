/** What was said lately, who read it, and what did not arrive. */
import { formatDuration, parseDuration } from "@shared/time";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ErrorPanel, FilterChips, Skeleton, useSeverityWord } from "../../kit";
import { useLocale, useText } from "../../language";
import { may, useSession } from "../../session";
import { Page } from "../../shell/Page";
import { oneOf, useAddress } from "../operate/address";
import { channelsQuery, type Overview as Told, overviewQuery } from "../operate/api";
import { Column, Columns } from "../operate/Columns";
import { Figure, Figures } from "../operate/Figure";
import { count, share } from "../operate/numbers";
import { Chart } from "./Chart";
import { text } from "./messages";
import { NeverRead } from "./NeverRead";
import { Noisy } from "./Noisy";
import { ORDERED, RANGES, windowOf } from "./range";
import type { Buckets, Line, LineId } from "./series";
import { Trouble } from "./Trouble";

/** What matters most stands lowest, where bars are easiest to compare. */
const SEVERITIES = ["critical", "error", "warning", "info", "success"] as const;

export default function Overview() {
  const t = useText(text);
  const { search, change } = useAddress();
  const range = oneOf(RANGES, search.range);
  const told = useQuery(overviewQuery(range, windowOf));
  const chips = (
    <FilterChips
      single
      label={t("range")}
      value={[range]}
      onChange={([chosen]) => chosen && change({ range: chosen === RANGES[0] ? undefined : chosen })}
      options={ORDERED.map((one) => ({ value: one, label: t(`range_${one}`) }))}
    />
  );
  return (
    <Page title={t("title")} lead={t("lead")} actions={chips}>
      {told.isPending && <Skeleton shape="block" lines={4} />}
      {told.isError && <ErrorPanel title={t("failed")} error={told.error} onRetry={() => void told.refetch()} />}
      {told.data && <Whole told={told.data} />}
    </Page>
  );
}

function Whole({ told }: { told: Told }) {
  const t = useText(text);
  const session = useSession();
  const seesChannels = may(session, "messages:read");
  const { buckets, severities, alerts } = useLines(told);
  return (
    <>
      <Totals told={told} />
      <Columns>
        <Chart title={t("bySeverity")} buckets={buckets} lines={severities} />
        <Chart title={t("byAlert")} buckets={buckets} lines={alerts} />
        <NeverRead told={told} />
        <Column>
          <Noisy series={told.by_alert} />
          {seesChannels && <Trouble />}
        </Column>
      </Columns>
    </>
  );
}

/** The same objects as long as the figures are the same: the plots are drawn anew only then. */
function useLines(told: Told): { buckets: Buckets; severities: Line[]; alerts: Line[] } {
  const t = useText(text);
  const word = useSeverityWord();
  const locale = useLocale();
  return useMemo(() => {
    const buckets = { starts: told.starts.map((at) => Date.parse(at)), stepMs: parseDuration(told.step) ?? 0 };
    const severities = SEVERITIES.map((name) => ({ id: name, label: word(name), counts: told.by_severity[name] ?? [] }));
    const alerts = told.by_alert.map((one, at) => ({
      id: (one.alert === null ? "rest" : `alert${at}`) as LineId,
      label: one.alert ?? t("others"),
      counts: one.counts,
    }));
    return { buckets, severities: severities.filter((line) => line.counts.some(Boolean)), alerts };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the words change with the language alone
  }, [told, locale]);
}

function Totals({ told }: { told: Told }) {
  const t = useText(text);
  const locale = useLocale();
  const session = useSession();
  const channels = useQuery({ ...channelsQuery, enabled: may(session, "messages:read") });
  const dead = channels.data?.items.reduce((sum, channel) => sum + channel.dead, 0);
  const critical = (told.by_severity.critical ?? []).reduce((sum, one) => sum + one, 0);
  const { reading } = told;
  const median = reading.median_seconds;
  return (
    <Figures label={t("figures")}>
      <Figure label={t("notices")} value={count(told.notices, locale)} note={t("critical", { n: critical })} />
      <Figure
        label={t("readRate")}
        value={share(reading.read_rate, locale)}
        note={t("readNote", { read: count(reading.read, locale), entries: count(reading.entries, locale) })}
      />
      <Figure
        label={t("median")}
        value={typeof median === "number" ? formatDuration(median * 1000, locale) : "–"}
        note={t("medianNote")}
      />
      <Figure label={t("neverRead")} value={count(reading.never_read, locale)} note={t("neverReadNote")} />
      <Figure label={t("saved")} value={count(told.skipped_because_read, locale)} note={t("savedNote")} />
      {dead !== undefined && (
        <Figure
          label={t("dead")}
          value={count(dead, locale)}
          note={t("deadNote")}
          {...(dead > 0 ? { tone: "bad" as const } : {})}
        />
      )}
    </Figures>
  );
}
