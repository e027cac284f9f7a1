import { describe, expect, it } from "vitest";
import { future, story } from "./story";
import { pauseOf, type Trail } from "./useNotice";

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 9, 0, second)).toISOString();
const said = (id: string, effect: string, second: number) => ({ id, effect, received_at: at(second), body: {} });
const decision = (id: number, reason: string, second: number, more = {}) => ({
  id, reason, at: at(second), config: "c", channel: "email", round: 1, recipient: `u${id}`, address: null, verdict: "skip", message: null, revision: 1, ...more,
});
const attempt = (outcome: string, second: number) => ({ outcome, started_at: at(second), finished_at: at(second), error: null, answer: null, reference: null });
const holder = (recipient: string, more = {}) => ({
  recipient, created_at: at(0), read_at: null, acknowledged_at: null, acknowledge_note: null, archived_at: null, ...more,
});

function trail(more: Record<string, unknown>): Trail {
  const empty = { emissions: [], recipients: [], steps: [], decisions: [], messages: [], missing: null, people: {}, configs: {} };
  return { ...empty, notice: { status: "firing", round: 1 }, ...more } as unknown as Trail;
}

const kinds = (of: Trail) => story(of).map((line) => line.kind);

describe("the story of a notice", () => {
  it("makes one line of repeats that follow each other", () => {
    const emissions = [said("a", "opened", 0), said("b", "repeated", 1), said("c", "repeated", 2), said("d", "escalated", 3), said("e", "repeated", 4)];
    const lines = story(trail({ emissions }));
    expect(lines.map((line) => line.kind)).toEqual(["said", "repeated", "said", "repeated"]);
    expect(lines[1]).toMatchObject({ emissions: [{ id: "b" }, { id: "c" }] });
  });

  it("tells causes before what follows at the same moment", () => {
    const of = trail({ emissions: [said("a", "opened", 0)], recipients: [holder("u1")], decisions: [decision(1, "read", 0)] });
    expect(kinds(of)).toEqual(["said", "placed", "decided"]);
  });

  it("gathers people for whom the same was decided", () => {
    const decisions = [decision(1, "read", 5), decision(2, "read", 5), decision(3, "no_address", 5)];
    expect(story(trail({ decisions })).map((line) => line.kind === "decided" && line.decisions.length)).toEqual([2, 1]);
  });

  it("tells of acknowledging, not of the reading that comes with it", () => {
    expect(kinds(trail({ recipients: [holder("u1", { read_at: at(3), acknowledged_at: at(3) })] }))).toEqual(["placed", "marked"]);
    expect(kinds(trail({ recipients: [holder("u1", { read_at: at(2), acknowledged_at: at(3) })] }))).toEqual(["placed", "marked", "marked"]);
  });

  it("collapses tries that failed alike, and says when it was given up", () => {
    const attempts = [attempt("failed", 1), attempt("failed", 2), attempt("lost", 3), attempt("failed", 4)];
    const messages = [{ id: "m", status: "dead", attempts, accepted_at: at(0), finished_at: at(5), due_at: null }];
    const lines = story(trail({ messages }));
    expect(lines.map((line) => (line.kind === "tried" ? line.tries.length : line.kind))).toEqual([2, 1, 1, "gaveUp"]);
  });
});

describe("what is to come", () => {
  const step = (id: number, round: number, second: number) => ({ id, round, state: "pending", wake_at: at(second) });

  it("leaves out what will come to nothing", () => {
    const steps = [step(1, 1, 50), step(2, 2, 60), { ...step(3, 2, 70), state: "done" }];
    const notice = { status: "firing", round: 2 };
    expect(future(trail({ steps, notice })).map((one) => one.id)).toEqual(["s2"]);
    expect(future(trail({ steps, notice: { ...notice, status: "resolved" } }))).toEqual([]);
  });

  it("is looked at more often the nearer it is, and not at all when there is nothing", () => {
    const now = Date.parse(at(0));
    expect(pauseOf(trail({}), now)).toBe(false);
    expect(pauseOf(trail({ steps: [step(1, 1, 10)] }), now)).toBe(2_000);
    expect(pauseOf(trail({ steps: [step(1, 1, 3_600)] }), now)).toBe(30_000);
  });
});
