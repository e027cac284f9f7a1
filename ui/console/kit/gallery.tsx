/** All of the kit on one page, to look at: `npx vite`, then /kit.html. It is no part of what is built. */
import { Archive, Inbox, Pencil, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { createRoot } from "react-dom/client";
import "../base.css";
import { LanguageProvider } from "../language";
import "../tokens.css";
import styles from "./gallery.module.css";
import * as kit from "./index";

const OPTIONS = [
  { value: "email", label: "E-mail", description: "to the address of the person" },
  { value: "telegram", label: "Telegram" },
  { value: "slack", label: "Slack", isDisabled: true },
];
const ROWS = [
  { id: "1", name: "disk-space", state: "critical", at: new Date(Date.now() - 40_000).toISOString() },
  { id: "2", name: "backup-age", state: "warning", at: new Date(Date.now() - 3 * 3_600_000).toISOString() },
  { id: "3", name: "certificate-expiry", state: "success", at: "2025-12-24T18:00:00Z" },
];

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.part}>
      <h2>{title}</h2>
      <div className={styles.row}>{children}</div>
    </section>
  );
}

function Buttons() {
  return (
    <Part title="Buttons">
      <kit.Button variant="primary">Save</kit.Button>
      <kit.Button icon={<Archive size={16} aria-hidden />} shortcut="e">
        Archive
      </kit.Button>
      <kit.Button variant="quiet">Cancel</kit.Button>
      <kit.Button variant="danger">Delete</kit.Button>
      <kit.Button isPending>Saving</kit.Button>
      <kit.Button isDisabled>Disabled</kit.Button>
      <kit.Button disabledReason="Only an operator may do this">With a reason</kit.Button>
      <kit.Button size="small">Small</kit.Button>
      <kit.IconButton label="Edit" shortcut="Mod+E" icon={<Pencil size={16} aria-hidden />} />
      <kit.Link href="#x">A link</kit.Link>
      <kit.Link href="https://example.com/" external>
        example.com
      </kit.Link>
      <kit.CopyButton value="text" />
    </Part>
  );
}

function Fields() {
  const [text, setText] = useState("disk-space");
  const [choice, setChoice] = useState("email");
  const [on, setOn] = useState(true);
  return (
    <Part title="Fields">
      <div className={styles.form}>
        <kit.ErrorSummary issues={[{ target: "name", label: "Name", message: "expected lower-case letters" }]} />
        <kit.TextField label="Name" description="How operators find it" value={text} onChange={setText} isRequired />
        <kit.TextField label="Address" value={text} onChange={setText} error="expected an address such as anna@example.com" />
        <kit.TextArea label="Message" value={text} onChange={setText} mono />
        <kit.Select label="Channel" options={OPTIONS} value={choice} onChange={setChoice} />
        <kit.ComboBox label="Person" options={OPTIONS} value={text} onChange={setText} />
        <kit.TextField label="Disabled" value={text} onChange={setText} isDisabled />
      </div>
      <div className={styles.form}>
        <kit.Checkbox value={on} onChange={setOn} description="Each change is in force at once">
          Send on weekends
        </kit.Checkbox>
        <kit.Checkbox value={false} isIndeterminate onChange={setOn}>
          Some of them
        </kit.Checkbox>
        <kit.Checkbox value={false} onChange={setOn} error="has to be accepted">
          Accept
        </kit.Checkbox>
        <kit.Switch value={on} onChange={setOn} description="Beeps">
          Sound
        </kit.Switch>
        <kit.Switch value={!on} onChange={setOn} isDisabled>
          Disabled
        </kit.Switch>
        <kit.RadioGroup label="Theme" options={OPTIONS} value={choice} onChange={setChoice} />
      </div>
    </Part>
  );
}

function Words() {
  const [filters, setFilters] = useState<string[]>(["critical"]);
  const filterOptions = kit.SEVERITIES.map((value) => ({ value, label: value, count: 3, icon: <kit.Severity value={value} iconOnly /> }));
  return (
    <Part title="Words">
      {kit.SEVERITIES.map((one) => (
        <kit.Severity key={one} value={one} />
      ))}
      {(["neutral", "accent", "success", "info", "warning", "error", "critical"] as const).map((tone) => (
        <kit.Chip key={tone} tone={tone}>
          {tone}
        </kit.Chip>
      ))}
      <kit.RemovableChip removeLabel="Remove the filter host" onRemove={() => undefined}>
        host: db-1
      </kit.RemovableChip>
      <kit.Time value={ROWS[0]?.at} />
      <kit.Time value={ROWS[1]?.at} />
      <kit.Time value={ROWS[2]?.at} />
      <kit.Duration value="90m" />
      <kit.Keys combo="g i" />
      <kit.Keys combo="Mod+Shift+K" />
      <kit.FilterChips label="Severity" options={filterOptions} value={filters} onChange={setFilters} />
    </Part>
  );
}

function Overlays() {
  const [open, setOpen] = useState<"dialog" | "confirm" | null>(null);
  const [undo, setUndo] = useState<string | null>(null);
  const items = [
    { id: "edit", label: "Edit", icon: <Pencil size={16} aria-hidden />, shortcut: "e" },
    { id: "delete", label: "Delete", icon: <Trash2 size={16} aria-hidden />, isDanger: true, startsGroup: true },
  ];
  return (
    <Part title="Overlays">
      <kit.Button onPress={() => setOpen("dialog")}>Dialog</kit.Button>
      <kit.Button onPress={() => setOpen("confirm")}>Confirm</kit.Button>
      <kit.Menu label="Actions" items={items} />
      <kit.Popover label="More" trigger={<kit.Button>Popover</kit.Button>}>
        Some words
      </kit.Popover>
      <kit.Button onPress={() => setUndo("3 notices archived")}>Undo bar</kit.Button>
      <kit.Dialog isOpen={open === "dialog"} onClose={() => setOpen(null)} title="Edit the config" footer={<kit.Button variant="primary">Save</kit.Button>}>
        <p>Its body scrolls when it is long.</p>
      </kit.Dialog>
      <kit.ConfirmDialog
        isOpen={open === "confirm"}
        onClose={() => setOpen(null)}
        title="Revoke the token ci-runner?"
        consequence="Programs that use it are turned away within five seconds."
        confirmLabel="Revoke"
        onConfirm={() => setOpen(null)}
        typeToConfirm="ci-runner"
      />
      <kit.UndoBar message={undo} onUndo={() => setUndo(null)} onClose={() => setUndo(null)} />
    </Part>
  );
}

function Panels() {
  const [tab, setTab] = useState("form");
  const error = { detail: "the storage is full", requestId: "a1b2-3f" };
  const columns: kit.Column<(typeof ROWS)[number]>[] = [
    { id: "name", title: "Alert", cell: (row) => <kit.Link href="#x">{row.name}</kit.Link>, isRowHeader: true, isSortable: true },
    { id: "state", title: "Severity", cell: (row) => <kit.Severity value={row.state} /> },
    { id: "at", title: "Last notice", cell: (row) => <kit.Time value={row.at} />, align: "end" },
    { id: "acts", title: "Actions", isTitleHidden: true, isNarrow: true, cell: () => <kit.Menu label="Actions" items={[]} /> },
  ];
  const tabs = [
    { value: "form", label: "Form", content: <kit.Json label="Config" value={{ name: "disk", above: 90, on: true, note: null }} /> },
    { value: "code", label: "Code", content: <kit.Code label="Program">{"#!/bin/sh\nread -r hello\nprintf '{}'"}</kit.Code> },
  ];
  return (
    <Part title="Panels">
      <div className={styles.wide}>
        <kit.Table
          label="Alerts"
          columns={columns}
          rows={ROWS}
          rowKey={(row) => row.id}
          sort={{ column: "name", direction: "ascending" }}
          onSort={() => undefined}
          isSelected={(row) => row.id === "2"}
        />
        <kit.Tabs label="Views" options={tabs} value={tab} onChange={setTab} />
        <kit.ErrorPanel error={error} title="The configs could not be loaded" onRetry={() => undefined} />
        <kit.Disclosure title="Raw payload">Hidden words</kit.Disclosure>
        <kit.Skeleton />
        <kit.EmptyState title="All done" icon={<Inbox size={32} />} action={<kit.Button>Send a test notice</kit.Button>}>
          Nothing waits for you.
        </kit.EmptyState>
      </div>
    </Part>
  );
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <LanguageProvider>
    <main className={styles.page}>
      <h1>The kit</h1>
      <Buttons />
      <Fields />
      <Words />
      <Overlays />
      <Panels />
    </main>
  </LanguageProvider>,
);
