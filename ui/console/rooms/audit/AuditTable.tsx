import { ListFilter } from "lucide-react";
import type { ReactNode } from "react";
import { type Column, Link, Menu, type MenuAction, Table, Time } from "../../kit";
import { useText } from "../../language";
import type { AuditRecord } from "../administer/api";
import { useAddress } from "../operate/address";
import { Act } from "./Act";
import styles from "./audit.module.css";
import { useDetails } from "./details";
import { text } from "./messages";
import { useAddressOf, useNameOf } from "./who";

export function AuditTable({ records, empty }: { records: readonly AuditRecord[]; empty: ReactNode }) {
  const t = useText(text);
  const nameOf = useNameOf();
  const addressOf = useAddressOf();
  const columns: Column<AuditRecord>[] = [
    { id: "at", title: t("at"), isNarrow: true, cell: ({ at }) => <Time value={at} /> },
    { id: "by", title: t("by"), cell: ({ by }) => <Noun name={nameOf(by)} href={addressOf(by)} /> },
    { id: "action", title: t("action"), isRowHeader: true, cell: ({ action }) => <Act value={action} /> },
    { id: "about", title: t("about"), cell: ({ about }) => <Noun name={about ? nameOf(about) : "–"} href={addressOf(about)} /> },
    { id: "details", title: t("details"), cell: (record) => <Details record={record} /> },
    { id: "narrow", title: t("narrow"), isTitleHidden: true, isNarrow: true, cell: (record) => <Narrow record={record} /> },
  ];
  return <Table label={t("title")} columns={columns} rows={records} rowKey={(one) => one.id} empty={empty} />;
}

/** A link to what it is, while it is there. */
function Noun({ name, href }: { name: string; href: string | null }) {
  return href === null ? <span>{name}</span> : <Link href={href}>{name}</Link>;
}

function Details({ record }: { record: AuditRecord }) {
  const lines = useDetails(record);
  if (lines.length === 0) return null;
  return (
    <ul className={styles.details}>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** From one record to all of the same person or thing. */
function Narrow({ record: { by, about } }: { record: AuditRecord }) {
  const t = useText(text);
  const nameOf = useNameOf();
  const { change } = useAddress();
  const items: MenuAction[] = [
    ...(by ? [{ id: "by", label: t("onlyBy", { name: nameOf(by) }), onAction: () => change({ by: by.id }) }] : []),
    ...(about ? [{ id: "about", label: t("onlyAbout", { name: nameOf(about) }), onAction: () => change({ about: about.id }) }] : []),
  ].map((item) => ({ ...item, icon: <ListFilter size={16} aria-hidden /> }));
  return items.length > 0 ? <Menu label={t("narrow")} items={items} /> : null;
}
