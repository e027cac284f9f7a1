/**
 * A trail as one story, oldest first: what was said, who has it, what was decided and why, what was sent and how that
 * went. What did not happen is a line like any other. Pure.
 */
import { groupBy } from "@shared/group";
import type { Decision, Emission, Holder, Step, Trail, TrailMessage } from "./useNotice";

export type Line = { id: string; at: string } & (
  | { kind: "said"; emission: Emission }
  | { kind: "repeated"; emissions: Emission[] }
  | { kind: "placed"; people: string[] }
  | { kind: "marked"; mark: "read" | "acknowledged" | "archived"; holder: Holder }
  | { kind: "decided"; decisions: Decision[] }
  | { kind: "tried"; message: TrailMessage; tries: TrailMessage["attempts"] }
  | { kind: "gaveUp"; message: TrailMessage }
);

export type Coming = { id: string; at: string } & ({ kind: "step"; step: Step } | { kind: "retry"; message: TrailMessage });

/** At one moment first comes what causes the rest. */
const ORDER: Record<Line["kind"], number> = { said: 0, repeated: 1, placed: 2, marked: 3, decided: 4, tried: 5, gaveUp: 6 };

export function story(trail: Trail): Line[] {
  const lines = [
    ...said(trail.emissions),
    ...placed(trail.recipients),
    ...marked(trail.recipients),
    ...decided(trail.decisions),
    ...trail.messages.flatMap(sent),
  ];
  return lines.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || ORDER[a.kind] - ORDER[b.kind]);
}

/** What is still to come, the next first. Steps of an earlier round, or of what is over, come to nothing. */
export function future(trail: Trail): Coming[] {
  const { status, round } = trail.notice;
  const steps = trail.steps
    .filter((step) => step.state === "pending" && step.round >= round && status === "firing")
    .map((step) => ({ kind: "step" as const, id: `s${step.id}`, at: step.wake_at, step }));
  const retries = trail.messages
    .filter((message) => message.status === "pending" && message.due_at !== null)
    .map((message) => ({ kind: "retry" as const, id: `m${message.id}`, at: message.due_at as string, message }));
  return [...steps, ...retries].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** Repeats that follow each other are one line. */
function said(emissions: readonly Emission[]): Line[] {
  const lines: Line[] = [];
  for (const emission of emissions) {
    const last = lines.at(-1);
    if (emission.effect !== "repeated") lines.push({ kind: "said", id: `e${emission.id}`, at: emission.received_at, emission });
    else if (last?.kind === "repeated") last.emissions.push(emission);
    else lines.push({ kind: "repeated", id: `e${emission.id}`, at: emission.received_at, emissions: [emission] });
  }
  return lines;
}

function placed(holders: readonly Holder[]): Line[] {
  return [...groupBy(holders, (one) => one.created_at)].map(([at, some]) => ({
    kind: "placed",
    id: `p${at}`,
    at,
    people: some.map((one) => one.recipient),
  }));
}

function marked(holders: readonly Holder[]): Line[] {
  return holders.flatMap((holder) =>
    (["read", "acknowledged", "archived"] as const).flatMap((mark) => {
      const at = holder[`${mark}_at`];
      // Acknowledging reads it, too: that is one thing to tell.
      const told = at === null || (mark === "read" && at === holder.acknowledged_at);
      return told ? [] : [{ kind: "marked" as const, id: `${mark}-${holder.recipient}`, at, mark, holder }];
    }),
  );
}

/** What was decided at one moment for the same reason is one line with several people. */
function decided(decisions: readonly Decision[]): Line[] {
  const same = (one: Decision) => [one.at, one.config, one.channel, one.round, one.verdict, one.reason].join("\n");
  return [...groupBy(decisions, same).values()].map((some) => ({
    kind: "decided",
    id: `d${some[0]?.id ?? 0}`,
    at: some[0]?.at ?? "",
    decisions: some,
  }));
}

/** Tries with the same outcome that follow each other are one line. */
function sent(message: TrailMessage): Line[] {
  const lines: Line[] = [];
  for (const one of message.attempts) {
    const last = lines.at(-1);
    if (last?.kind === "tried" && last.tries[0]?.outcome === one.outcome) last.tries.push(one);
    else lines.push({ kind: "tried", id: `t${message.id}-${lines.length}`, at: one.started_at, message, tries: [one] });
  }
  if (message.status === "dead") lines.push({ kind: "gaveUp", id: `x${message.id}`, at: message.finished_at ?? message.accepted_at, message });
  return lines;
}
