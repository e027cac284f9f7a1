/** The state of the form of a config: what is written, and what became of saving it. */
import type { Problem } from "@client/problem";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useText } from "../../language";
import { http, queries } from "../../session";
import { announce } from "../../shell/announce";
import { type Alert, type Config, configQuery, CONFIGS, ifMatch, pathOf } from "./api";
import { rememberConfig } from "./known";
import { type Draft, dropDraft, useDraft } from "./drafts";
import { text } from "./messages";
import { type Json, type JsonObject, type Path, put } from "./model/json";
import { secretsOf } from "./model/schema";
import { schemaOf } from "./start";
import { useIssues } from "./useIssues";

/** Why nothing was saved, besides what is wrong in single fields. */
export type Obstacle = { kind: "failed"; problem: Problem } | { kind: "changed"; theirs: Config } | { kind: "gone" };

export interface EditorOptions {
  /** Of its draft. */
  name: string;
  id: string | undefined;
  alerts: readonly Alert[];
  start: Draft;
}

export function useEditor({ name, id, alerts, start }: EditorOptions) {
  const t = useText(text);
  const navigate = useNavigate();
  const [origin] = useState(start);
  const { draft, isKept, write, discard } = useDraft(name, start, (value) => secretsIn(value, alerts));
  const { refuse, touch, ...issues } = useIssues(draft.value);
  const [obstacle, setObstacle] = useState<Obstacle | null>(null);
  const [isSaving, setSaving] = useState(false);

  const attempt = async (act: () => Promise<Config>) => {
    setSaving(true);
    setObstacle(null);
    refuse([]);
    try {
      const saved = await act();
      dropDraft(name);
      rememberConfig(saved);
      void queries.invalidateQueries({ queryKey: ["configs", "troubles"] });
      announce(t(id ? "saved" : "created"));
      await navigate({ to: `/ops/configs/${encodeURIComponent(saved.id)}` });
    } catch (error) {
      const problem = error as Problem;
      if (problem.errors.length) refuse(problem.errors);
      else if (problem.status === 409) refuse([{ pointer: "/id", detail: problem.detail, code: problem.code, params: problem.params }]);
      else setObstacle(await obstacleOf(id, problem));
    } finally {
      setSaving(false);
    }
  };
  return {
    ...issues,
    origin,
    draft,
    isKept,
    write,
    discard,
    obstacle,
    isSaving,
    change: (path: Path, to: Json | undefined) => {
      touch(path);
      write(put(draft.value, path, to) as JsonObject);
    },
    save: () => attempt(() => send(id, draft)),
    /** After somebody deleted it: the same once more, under its old id. */
    createAnew: () => attempt(() => http.post<Config>(CONFIGS, { ...draft.value, id })),
    /** After somebody changed it: this is to be saved over that. */
    decide: (value: JsonObject, over: Config) => {
      write(value, over.revision);
      setObstacle(null);
    },
  };
}

function secretsIn(value: JsonObject, alerts: readonly Alert[]): Path[] {
  const schema = schemaOf(alerts, value.name);
  return schema ? secretsOf(schema, schema, value.metric, ["metric"]) : [];
}

async function send(id: string | undefined, draft: Draft): Promise<Config> {
  if (id === undefined) return http.post<Config>(CONFIGS, draft.value);
  const headers = draft.revision === null ? {} : ifMatch(draft.revision);
  return http.call<Config>("PUT", pathOf(id), { body: draft.value, headers }).then((answer) => answer.body);
}

async function obstacleOf(id: string | undefined, problem: Problem): Promise<Obstacle> {
  if (id === undefined || ![404, 412].includes(problem.status)) return { kind: "failed", problem };
  if (problem.status === 404) return { kind: "gone" };
  return queries.fetchQuery({ ...configQuery(id), staleTime: 0 }).then(
    (theirs): Obstacle => ({ kind: "changed", theirs }),
    (later: Problem): Obstacle => (later.status === 404 ? { kind: "gone" } : { kind: "failed", problem: later }),
  );
}
