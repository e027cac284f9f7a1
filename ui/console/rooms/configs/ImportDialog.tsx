/** Import: a file or its text, then the plan, and only then the act, which is refused when the plan is old. */
import type { Problem } from "@client/problem";
import { useId, useState } from "react";
import { Button, Checkbox, Chip, Dialog, ErrorPanel, Table, TextArea } from "../../kit";
import { useText } from "../../language";
import { http, queries } from "../../session";
import { announce } from "../../shell/announce";
import { CONFIGS, type PlannedItem, wordedItems } from "./api";
import styles from "./Configs.module.css";
import { placeName, Value } from "./Differences";
import { importText } from "./importMessages";
import { text } from "./messages";
import { type Json, parseObject } from "./model/json";

interface Plan {
  items: PlannedItem[];
  /** Names the plan: applied only while it is still this one. */
  tag: string;
}

export default function ImportDialog({ onClose }: { onClose: () => void }) {
  const t = useText(text);
  const says = useText(importText);
  const [written, setWritten] = useState("");
  const [prune, setPrune] = useState(false);
  const [plan, setPlan] = useState<Plan | null>(null);
  const [isOld, setOld] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [pending, setPending] = useState(false);
  const parsed = written.trim() === "" ? null : parseObject(written);
  const document = parsed && "value" in parsed ? parsed.value : null;

  const ask = async () => {
    if (!document) return;
    const answer = await http.call<{ items: PlannedItem[] }>("POST", `${CONFIGS}/plan`, { body: document, query: { prune } });
    setPlan({ items: await wordedItems(answer.body.items), tag: answer.etag ?? "" });
  };
  const apply = async () => {
    if (!document || !plan) return;
    const answer = await http.call<{ items: PlannedItem[] }>("POST", `${CONFIGS}/apply`, { body: document, query: { prune }, headers: { "If-Match": plan.tag } });
    void queries.invalidateQueries({ queryKey: ["configs"] });
    void queries.invalidateQueries({ queryKey: ["recipients"] });
    announce(says("applied", { n: answer.body.items.filter(acts).length }));
    onClose();
  };
  const attempt = (act: () => Promise<void>) => {
    setPending(true);
    setProblem(null);
    setOld(false);
    act()
      .catch(async (error: Problem) => {
        if (error.status !== 412) return setProblem(error);
        setOld(true);
        await ask();
      })
      .catch(setProblem)
      .finally(() => setPending(false));
  };
  const change = (next: string) => {
    setWritten(next);
    setPlan(null);
  };

  return (
    <Dialog
      isOpen
      isStubborn
      onClose={onClose}
      title={says("importTitle")}
      size="large"
      footer={
        <>
          <Button onPress={onClose}>{t("cancel")}</Button>
          {plan ? (
            <Button variant="primary" onPress={() => attempt(apply)} isPending={pending} disabledReason={why(plan, says("refusedFirst"), says("nothingToDo"))}>
              {says("apply", { n: plan.items.filter(acts).length })}
            </Button>
          ) : (
            <Button variant="primary" onPress={() => attempt(ask)} isPending={pending} disabledReason={document ? null : says("importLead")}>
              {says("plan")}
            </Button>
          )}
        </>
      }
    >
      <div className={styles.import}>
        <p className={styles.note}>{says("importLead")}</p>
        <FilePicker onText={change} />
        <TextArea
          label={says("importText")}
          value={written}
          onChange={change}
          rows={plan ? 4 : 10}
          mono
          error={parsed && "line" in parsed ? t("jsonWrong", { line: parsed.line, column: parsed.column }) : undefined}
        />
        <Checkbox
          value={prune}
          onChange={(next) => {
            setPrune(next);
            setPlan(null);
          }}
        >
          {says("prune")}
        </Checkbox>
        {isOld && <p role="alert">{says("planOld")}</p>}
        {problem && <ErrorPanel error={problem} />}
        {plan && <PlanTable plan={plan} />}
      </div>
    </Dialog>
  );
}

const acts = (item: PlannedItem) => item.outcome !== "unchanged" && item.outcome !== "refused";

function why(plan: Plan, refused: string, nothing: string): string | null {
  if (plan.items.some((item) => item.outcome === "refused")) return refused;
  return plan.items.some(acts) ? null : nothing;
}

function FilePicker({ onText }: { onText: (words: string) => void }) {
  const says = useText(importText);
  const id = useId();
  return (
    <div className={styles.file}>
      <label htmlFor={id}>{says("importFile")}</label>
      <input id={id} type="file" accept="application/json,.json" onChange={(event) => void event.target.files?.[0]?.text().then(onText)} />
    </div>
  );
}

const OUTCOMES = { created: "willCreate", changed: "willChange", unchanged: "willStay", deleted: "willDelete", refused: "willRefuse" } as const;
const TONES = { created: "success", changed: "info", unchanged: "neutral", deleted: "warning", refused: "error" } as const;

function PlanTable({ plan }: { plan: Plan }) {
  const says = useText(importText);
  const columns = [
    { id: "outcome", title: says("outcome"), isNarrow: true, cell: (item: PlannedItem) => <Chip tone={TONES[item.outcome]}>{says(OUTCOMES[item.outcome])}</Chip> },
    {
      id: "item",
      title: says("item"),
      isRowHeader: true,
      cell: (item: PlannedItem) => (
        <span className={styles.name}>
          {item.name || item.id} <code className={styles.id}>{`${says(item.kind === "config" ? "kindConfig" : "kindRecipient")} ${item.id}`}</code>
        </span>
      ),
    },
    { id: "what", title: says("what"), cell: (item: PlannedItem) => <What item={item} /> },
  ];
  return (
    <section className={styles.section}>
      <h3>{says("planIs")}</h3>
      <Table label={says("planIs")} columns={columns} rows={plan.items} rowKey={(item) => `${item.kind} ${item.id} ${plan.items.indexOf(item)}`} />
    </section>
  );
}

function What({ item }: { item: PlannedItem }) {
  return (
    <ul className={styles.what}>
      {item.errors.map((error) => (
        <li key={error.path} className={styles.error}>
          {placeName(error.path)}: {error.message}
        </li>
      ))}
      {item.changes.map((change) => (
        <li key={change.path}>
          {placeName(change.path)}: <Value value={change.before as Json | undefined} mark="before" /> <Value value={change.after as Json | undefined} mark="after" />
        </li>
      ))}
    </ul>
  );
}

