/** `/ops/configs/$id`: one config to be read. */
import type { Problem } from "@client/problem";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Copy, History, Pencil, Trash2 } from "lucide-react";
import { Button, Chip, EmptyState, ErrorPanel, Json, Link, Menu, Skeleton, Table, Warning } from "../../kit";
import { useText } from "../../language";
import { may, useSession } from "../../session";
import { Page } from "../../shell/Page";
import { alertsQuery, type Config, configQuery, recipientsQuery, type Trouble, troublesQuery } from "./api";
import { useLiveConfigs } from "./live";
import { useDelete } from "./ConfigList";
import styles from "./Configs.module.css";
import { placeName, Value } from "./Differences";
import { LastNotices } from "./LastNotices";
import { text } from "./messages";
import { addressKinds, listOf, PANEL, type Step, stepsOf } from "./model/channel";
import { at, type Json as JsonValue, type JsonObject, partsOf } from "./model/json";
import { fieldOf, resolve } from "./model/schema";
import { nameOf } from "./People";
import { useChannelName, When } from "./Steps";

export default function ConfigPage() {
  const t = useText(text);
  useLiveConfigs();
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const config = useQuery(configQuery(id));
  if (config.error && (config.error as Problem).status === 404) return <Page title={id}><Gone id={id} /></Page>;
  if (config.error) return <Page title={id}><ErrorPanel error={config.error} title={t("oneLoadFailed")} onRetry={() => void config.refetch()} /></Page>;
  if (!config.data) return <Page title={id}><Skeleton shape="block" lines={3} /></Page>;
  return <Shown config={config.data} />;
}

function Gone({ id }: { id: string }) {
  const t = useText(text);
  return <EmptyState title={t("gone")} action={<Link href={`/ops/configs/${encodeURIComponent(id)}/history`}>{t("history")}</Link>} />;
}

function Shown({ config }: { config: Config }) {
  const t = useText(text);
  const { data: troubles = [] } = useQuery(troublesQuery);
  const trouble = troubles.find((one) => one.id === config.id);
  const { data: alerts = [] } = useQuery(alertsQuery);
  const schema = (alerts.find((one) => one.name === config.name)?.metric_schema ?? {}) as JsonObject;
  const settings = Object.entries(config.metric as JsonObject);
  const seesNotices = may(useSession(), "notices:read");
  return (
    <Page title={config.name} lead={<code>{config.id}</code>} actions={<Actions config={config} />}>
      <p className={styles.chips}>
        <Chip tone={config.enabled ? "success" : "neutral"}>{t(config.enabled ? "isEnabled" : "isDisabled")}</Chip>
        <Chip>{t("revisionN", { n: config.revision })}</Chip>
      </p>
      {trouble?.errors.map((error) => (
        <Warning key={error.path}>
          {t("doesNotFit")}. {placeName(error.path)}: {error.message}
        </Warning>
      ))}
      {trouble?.hints.map((hint) => (
        <Warning key={hint.path}>
          <HintWords config={config} hint={hint} />
        </Warning>
      ))}
      {seesNotices && <LastNotices config={config} />}
      <section className={styles.section}>
        <h2>{t("sectionAlert")}</h2>
        <Table
          label={t("metric")}
          columns={[
            { id: "field", title: t("field"), isRowHeader: true, cell: ([name]: [string, JsonValue]) => titleOf(schema, name) },
            { id: "value", title: t("value"), cell: ([, value]: [string, JsonValue]) => <Value value={value} /> },
          ]}
          rows={settings}
          rowKey={([name]) => name}
          empty={<p className={styles.note}>{t("noSettings")}</p>}
        />
      </section>
      <section className={styles.section}>
        <h2>{t("sectionChannels")}</h2>
        <ol className={styles.steps}>
          {stepsOf(config.channel as unknown as JsonObject).map((step) => (
            <li key={step.channel} className={styles.step}>
              <StepShown step={step} />
            </li>
          ))}
        </ol>
      </section>
      <section className={styles.section}>
        <h2>{t("jsonTitle")}</h2>
        <Json label={t("jsonTitle")} value={config} />
      </section>
    </Page>
  );
}

/** As the form calls it. */
function titleOf(schema: JsonObject, name: string): string {
  const { title = name, unit } = fieldOf(resolve(at(schema, ["properties", name]), schema), schema);
  return unit ? `${title}, ${unit}` : title;
}

/** The server's hint in the reader's language. */
function HintWords({ config, hint }: { config: Config; hint: Trouble["hints"][number] }) {
  const t = useText(text);
  const nameOfChannel = useChannelName();
  const { data: people = [] } = useQuery(recipientsQuery);
  const [, channel = ""] = partsOf(hint.path);
  const id = String(at(config as unknown as JsonObject, partsOf(hint.path)) ?? "");
  if (hint.code === "nobody") return t("operatorsHear");
  if (hint.code === "everyone") return t("everyone", { channel: nameOfChannel(channel) });
  if (hint.code === "unknown-recipient") return t("unknownPerson", { name: id });
  return t("noAddress", { name: nameOf(people, id), channel: nameOfChannel(channel) });
}

function StepShown({ step }: { step: Step }) {
  const t = useText(text);
  const name = useChannelName()(step.channel);
  const { data: people = [] } = useQuery(recipientsQuery);
  const addresses = addressKinds(step).flatMap((kind) => listOf(step, kind)).map(String);
  const named = listOf(step, "recipients").map(String);
  return (
    <section className={styles.stepCard} aria-label={t("step", { channel: name })}>
      <h3>{name}</h3>
      <p className={styles.note}>
        <When step={step} />
      </p>
      <p className={styles.chips}>
        {named.map((id) => (
          <Link key={id} href={`/ops/recipients/${encodeURIComponent(id)}`}>
            {nameOf(people, id)}
          </Link>
        ))}
        {addresses.map((address) => (
          <code key={address}>{address}</code>
        ))}
        {named.length + addresses.length === 0 && <span className={styles.note}>{t(step.channel === PANEL ? "noReceiversPanel" : "noReceivers")}</span>}
      </p>
    </section>
  );
}

function Actions({ config }: { config: Config }) {
  const t = useText(text);
  const navigate = useNavigate();
  const remove = useDelete();
  const path = `/ops/configs/${encodeURIComponent(config.id)}`;
  if (!may(useSession(), "configs:write")) return <Link href={`${path}/history`}>{t("history")}</Link>;
  return (
    <>
      <Button icon={<History aria-hidden size={16} />} onPress={() => void navigate({ to: `${path}/history` })}>
        {t("history")}
      </Button>
      <Button variant="primary" icon={<Pencil aria-hidden size={16} />} onPress={() => void navigate({ to: `${path}/edit` })}>
        {t("edit")}
      </Button>
      <Menu
        label={t("actionsOf", { id: config.id })}
        items={[
          { id: "copy", label: t("duplicate"), icon: <Copy aria-hidden size={16} />, href: `/ops/configs/new?from=${encodeURIComponent(config.id)}` },
          {
            id: "delete",
            label: t("delete"),
            icon: <Trash2 aria-hidden size={16} />,
            isDanger: true,
            onAction: () => void navigate({ to: "/ops/configs" }).then(() => remove(config)),
          },
        ]}
      />
    </>
  );
}
