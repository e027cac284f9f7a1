/** One notice with its trail: all of it for who may read notices, one's own part for everybody else. */
import type { components } from "@client/generated/api";
import type { Problem } from "@client/problem";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTopic } from "../../live";
import { http, may, type Session } from "../../session";
import { TOO_EARLY, useSoon } from "../../soon";

type Schemas = components["schemas"];
export type Trail = Schemas["TrailAnswer"];
export type Notice = Schemas["NoticeItem"];
export type Holder = Schemas["Holder"];
export type Decision = Schemas["DecisionItem"];
export type Step = Schemas["StepItem"];
export type TrailMessage = Schemas["TrailMessage"];
export type Emission = Schemas["Said"];

/** While something is about to happen, and while it is far off. */
const SOON_MS = 2_000;
const LATER_MS = 30_000;
const NEAR_MS = 60_000;
/** A burst of changes is one question. */
const SETTLE_MS = 250;

/** Where this session reads the notice: its address without what follows. */
export const addressOf = (session: Session, id: string): string =>
  `/api/v1/${may(session, "notices:read") ? "notices" : "inbox"}/${encodeURIComponent(id)}`;

export function useNotice(session: Session, id: string) {
  const queries = useQueryClient();
  const key = ["notice", id];
  const query = useQuery<Trail, Problem>({
    queryKey: key,
    queryFn: ({ signal }) => http.get<Trail>(`${addressOf(session, id)}/trail`, {}, signal),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data ? pauseOf(state.data, Date.now()) : false),
  });
  const lookAgain = useSoon(() => (query.isLoading ? TOO_EARLY : query.refetch()), SETTLE_MS); // an answer on its way may be older
  const tail = `/${query.data?.notice.id ?? id}`;
  const hear = (data: Record<string, unknown> | undefined) => {
    queries.setQueryData<Trail>(key, (trail) => trail && withEntry(trail, data));
    lookAgain();
  };
  useTopic("inbox", {
    onSnapshot: (items) => {
      const own = items.find((item) => item.key.endsWith(tail) && differs(query.data, item.data));
      if (own) hear(own.data);
    },
    onEvent: (event) => {
      if (event.key.endsWith(tail)) hear(event.data);
    },
  });
  return query;
}

/** How long until it is worth to look again; false when nothing more will happen by itself. */
export function pauseOf({ steps, messages }: Trail, now: number): number | false {
  const due = [
    ...steps.filter((step) => step.state === "pending").map((step) => Date.parse(step.wake_at)),
    ...messages.filter((one) => one.status === "pending" || one.status === "sending").map((one) => Date.parse(one.due_at ?? "") || now),
  ];
  if (due.length === 0) return false;
  return Math.min(...due) - now < NEAR_MS ? SOON_MS : LATER_MS;
}

function differs(trail: Trail | undefined, data: Record<string, unknown>): boolean {
  const known = trail?.recipients.find((one) => one.recipient === data.recipient);
  return known !== undefined && (known.read_at !== data.read_at || known.archived_at !== data.archived_at);
}

/** The change of one's own entry shows at once; the rest of the trail follows. */
function withEntry(trail: Trail, data: Record<string, unknown> | undefined): Trail {
  if (!data) return trail;
  const pick = (one: Holder): Holder => ({
    ...one,
    read_at: data.read_at as string | null,
    archived_at: data.archived_at as string | null,
    acknowledged_at: data.acknowledged_at as string | null,
  });
  const said = { status: data.status, severity: data.severity, title: data.title, message: data.message, count: data.count } as Partial<Notice>;
  return {
    ...trail,
    notice: { ...trail.notice, ...said },
    recipients: trail.recipients.map((one) => (one.recipient === data.recipient ? pick(one) : one)),
  };
}
