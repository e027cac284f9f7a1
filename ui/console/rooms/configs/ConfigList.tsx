/** `/ops/configs`: every config, narrowed by what stands in the address. */
import type { Problem } from "@client/problem";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Copy, Download, History, Pencil, Plus, SlidersHorizontal, Trash2, Upload } from "lucide-react";
import { Suspense, useCallback, useRef, useState } from "react";
import { Button, Chip, type Column, EmptyState, ErrorPanel, FilterChips, Link, Menu, Select, Skeleton, Switch, Table, TextField, UndoBar } from "../../kit";
import { useTyped } from "../../filters/typed";
import { useText } from "../../language";
import { part } from "../../parts";
import { may, useSession } from "../../session";
import { announce } from "../../shell/announce";
import { useShortcuts } from "../../shell/keys";
import { Page } from "../../shell/Page";
import {
  alertsQuery, type Config, configsQuery, CONFIGS, deleteConfig, type Filters, patchConfig, recipientsQuery, refreshConfig, restoreConfig,
  type Trouble, troublesQuery,
} from "./api";
import { complaint, deleted } from "./aftermath";
import styles from "./Configs.module.css";
import { rememberConfig } from "./known";
import { useLiveConfigs } from "./live";
import { text } from "./messages";
import type { JsonObject } from "./model/json";
import { recipientsOf } from "./model/channel";
import { nameOf } from "./People";
import { useChannelName } from "./Steps";

const ImportDialog = part(() => import("./ImportDialog"));

export default function ConfigList() {
  const t = useText(text);
  useLiveConfigs();
  const filters = useSearch({ strict: false }) as Filters;
  const isFiltered = Object.values(filters).some(Boolean);
  const configs = useInfiniteQuery(configsQuery(filters));
  const [importing, setImporting] = useState(false);
  const mayWrite = may(useSession(), "configs:write");
  const rows = configs.data?.pages.flatMap((page) => page.items as Config[]);
  return (
    <Page title={t("title")} lead={t("lead")} actions={mayWrite && <Actions onImport={() => setImporting(true)} />}>
      <Complaint />
      <FilterBar filters={filters} />
      {configs.error && <ErrorPanel error={configs.error} title={t("loadFailed")} onRetry={() => void configs.refetch()} isRetrying={configs.isFetching} />}
      {configs.isPending && <Skeleton shape="rows" lines={6} />}
      {rows && rows.length > 0 && <Rows rows={rows} mayWrite={mayWrite} />}
      {rows?.length === 0 && (isFiltered ? <NoneMatch /> : <NoneYet />)}
      {configs.hasNextPage && (
        <Button onPress={() => void configs.fetchNextPage()} isPending={configs.isFetchingNextPage}>
          {t("more")}
        </Button>
      )}
      <Undo />
      <Suspense>{importing && <ImportDialog onClose={() => setImporting(false)} />}</Suspense>
    </Page>
  );
}

function Actions({ onImport }: { onImport: () => void }) {
  const t = useText(text);
  const navigate = useNavigate();
  const create = () => void navigate({ to: "/ops/configs/new" });
  useShortcuts([{ keys: "n", label: t("create"), group: t("title"), act: create }]);
  return (
    <>
      <Button icon={<Upload aria-hidden size={16} />} onPress={onImport}>
        {t("import")}
      </Button>
      <a className={styles.download} href={`${CONFIGS}/export`} download="alertwrap-configs.json">
        <Download aria-hidden size={16} /> {t("export")}
      </a>
      <Button variant="primary" icon={<Plus aria-hidden size={16} />} onPress={create} shortcut="n">
        {t("create")}
      </Button>
    </>
  );
}

/** What is typed goes into the address, which is where the list reads it. */
function FilterBar({ filters }: { filters: Filters }) {
  const t = useText(text);
  const navigate = useNavigate();
  const { data: alerts = [] } = useQuery(alertsQuery);
  const { data: people = [] } = useQuery(recipientsQuery);
  const nameOfChannel = useChannelName();
  const set = (next: Filters) => void navigate({ to: ".", search: ((old: Filters) => ({ ...old, ...next })) as never, replace: true });
  const [typed, setTyped] = useTyped(filters.q ?? "", (q) => set({ q: q || undefined }));
  const names = [...new Set([...alerts.map((one) => one.name), ...(filters.name ? [filters.name] : [])])];
  const extra = [
    ...(filters.channel ? [{ value: "channel", label: nameOfChannel(filters.channel) }] : []),
    ...(filters.recipient ? [{ value: "recipient", label: nameOf(people, filters.recipient) }] : []),
  ];
  return (
    <div className={styles.filters} role="search">
      <TextField
        label={t("search")}
        type="search"
        placeholder={t("searchHint")}
        value={typed}
        onChange={setTyped}
      />
      <Select
        label={t("alert")}
        options={[{ value: "", label: t("anyAlert") }, ...names.map((name) => ({ value: name, label: name }))]}
        value={filters.name ?? ""}
        onChange={(name) => set({ name: name || undefined })}
      />
      <FilterChips
        label={t("state")}
        single
        options={[
          { value: "true", label: t("enabled") },
          { value: "false", label: t("disabled") },
        ]}
        value={filters.enabled ? [filters.enabled] : []}
        onChange={([enabled]) => set({ enabled })}
      />
      {extra.length > 0 && <FilterChips label={t("channels")} options={extra} value={extra.map((one) => one.value)} onChange={(left) => set(without(extra, left))} />}
    </div>
  );
}

const without = (extra: { value: string }[], left: string[]): Filters =>
  Object.fromEntries(extra.filter((one) => !left.includes(one.value)).map((one) => [one.value, undefined]));

function Rows({ rows, mayWrite }: { rows: readonly Config[]; mayWrite: boolean }) {
  const t = useText(text);
  const { data: troubles = [] } = useQuery(troublesQuery);
  const troubleOf = (config: Config) => troubles.find((one) => one.id === config.id);
  const columns: Column<Config>[] = [
    { id: "enabled", title: t("on"), isNarrow: true, cell: (config) => <Enabled config={config} mayWrite={mayWrite} /> },
    { id: "name", title: t("alert"), isRowHeader: true, cell: (config) => <Name config={config} /> },
    { id: "metric", title: t("metric"), cell: (config) => <Settings metric={config.metric as JsonObject} /> },
    { id: "channel", title: t("channels"), cell: (config) => <Receivers config={config} /> },
    { id: "problems", title: t("problems"), cell: (config) => <Trouble trouble={troubleOf(config)} /> },
    ...(mayWrite ? [{ id: "actions", title: t("actions"), isNarrow: true, isTitleHidden: true, cell: (config: Config) => <RowMenu config={config} /> }] : []),
  ];
  return <Table label={t("title")} columns={columns} rows={rows} rowKey={(config) => config.id} />;
}

function Name({ config }: { config: Config }) {
  return (
    <span className={styles.name}>
      <Link href={`/ops/configs/${encodeURIComponent(config.id)}`}>{config.name}</Link>
      <code className={styles.id}>{config.id}</code>
    </span>
  );
}

function Settings({ metric }: { metric: JsonObject }) {
  const entries = Object.entries(metric);
  return <code className={styles.settings}>{entries.map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ") || "–"}</code>;
}

function Receivers({ config }: { config: Config }) {
  const t = useText(text);
  const nameOfChannel = useChannelName();
  const { data: people = [] } = useQuery(recipientsQuery);
  const named = recipientsOf(config as unknown as JsonObject);
  const who = named.length === 1 && named[0] ? nameOf(people, named[0]) : named.length ? t("people", { n: named.length }) : t("nobody");
  return (
    <span className={styles.chips}>
      {Object.keys(config.channel).map((channel) => (
        <Chip key={channel}>{nameOfChannel(channel)}</Chip>
      ))}
      <span className={styles.note}>{who}</span>
    </span>
  );
}

function Trouble({ trouble }: { trouble: Trouble | undefined }) {
  const t = useText(text);
  if (!trouble) return <span className={styles.note}>{t("fits")}</span>;
  if (trouble.errors.length) return <Chip tone="error">{t("doesNotFit")}</Chip>;
  return <Chip tone="warning">{t("hints", { n: trouble.hints.length })}</Chip>;
}

/** On or off at once; goes back, and says why, when the server will not or somebody else was faster. */
function Enabled({ config, mayWrite }: { config: Config; mayWrite: boolean }) {
  const t = useText(text);
  const last = useRef(Promise.resolve(config));
  const refused = async (problem: Problem) => {
    rememberConfig(config);
    complaint.put(t("switchFailed", { id: config.id, why: problem.detail }));
    await refreshConfig(config.id);
    return config;
  };
  const flip = (enabled: boolean) => {
    rememberConfig({ ...config, enabled });
    last.current = last.current // whoever flips it twice means the second one to follow the first
      .then((before) => patchConfig(before.revision > config.revision ? before : config, { enabled }))
      .catch(refused);
  };
  return <Switch aria-label={t("switchOn", { id: config.id })} value={config.enabled} onChange={flip} isDisabled={!mayWrite} />;
}

function RowMenu({ config }: { config: Config }) {
  const t = useText(text);
  const remove = useDelete();
  const path = `/ops/configs/${encodeURIComponent(config.id)}`;
  return (
    <Menu
      label={t("actionsOf", { id: config.id })}
      items={[
        { id: "edit", label: t("edit"), icon: <Pencil aria-hidden size={16} />, href: `${path}/edit` },
        { id: "copy", label: t("duplicate"), icon: <Copy aria-hidden size={16} />, href: `/ops/configs/new?from=${encodeURIComponent(config.id)}` },
        { id: "history", label: t("history"), icon: <History aria-hidden size={16} />, href: `${path}/history` },
        { id: "delete", label: t("delete"), icon: <Trash2 aria-hidden size={16} />, isDanger: true, startsGroup: true, onAction: () => void remove(config) },
      ]}
    />
  );
}

/** Deletes at once: the way back is offered for a while, and in the history for ever. */
export function useDelete(): (config: Config) => Promise<void> {
  const t = useText(text);
  return (config) =>
    deleteConfig(config)
      .then(() => deleted.put({ id: config.id, revision: config.revision }))
      .catch((problem: Problem) => {
        complaint.put(t("switchFailed", { id: config.id, why: problem.detail }));
        return refreshConfig(config.id);
      });
}

function Undo() {
  const t = useText(text);
  const last = deleted.use();
  const [isPending, setPending] = useState(false);
  const close = useCallback(() => deleted.put(null), []);
  const undo = () => {
    if (!last) return;
    setPending(true);
    restoreConfig(last.id, last.revision)
      .then(({ id }) => announce(t("restored", { id })))
      .catch((problem: Problem) => complaint.put(t("undoFailed", { why: problem.detail })))
      .finally(() => {
        setPending(false);
        close();
      });
  };
  useShortcuts([{ keys: "z", label: t("restore"), group: t("title"), act: undo }]);
  return <UndoBar message={last && t("deleted", { id: last.id })} onUndo={undo} onClose={close} isPending={isPending} />;
}

function Complaint() {
  const t = useText(text);
  const words = complaint.use();
  if (words === null) return null;
  return (
    <div className={styles.conflict} role="alert">
      <span>{words}</span>
      <Button size="small" onPress={() => complaint.put(null)}>
        {t("close")}
      </Button>
    </div>
  );
}

function NoneMatch() {
  const t = useText(text);
  const navigate = useNavigate();
  return <EmptyState title={t("noneMatch")} action={<Button onPress={() => void navigate({ to: "/ops/configs" })}>{t("clearFilters")}</Button>} />;
}

/** A newcomer's way: the alerts that are known, each one press away from a form that is filled in already. */
function NoneYet() {
  const t = useText(text);
  const navigate = useNavigate();
  const { data: alerts = [] } = useQuery(alertsQuery);
  return (
    <EmptyState
      title={t("noneTitle")}
      icon={<SlidersHorizontal aria-hidden size={32} />}
      action={
        <Button variant="primary" onPress={() => void navigate({ to: "/ops/configs/new" })}>
          {t("createFirst")}
        </Button>
      }
    >
      {alerts.length > 0 && (
        <>
          <p>{t("noneBody")}</p>
          <ul className={styles.offers}>
            {alerts.map((alert) => (
              <li key={alert.name}>
                <Link href={`/ops/configs/new?alert=${encodeURIComponent(alert.name)}`}>{t("tryIt", { alert: alert.name })}</Link>
                <span className={styles.note}>{alert.description}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </EmptyState>
  );
}
