/** What was typed and not saved, kept for this tab: a reload or a wrong link loses nothing. Secrets are not kept. */
import { useState } from "react";
import { type Json, type JsonObject, type Path, put } from "./model/json";

export interface Draft {
  /** The revision it began from; null for a new one. */
  revision: number | null;
  value: JsonObject;
}

const PREFIX = "draft:";

function keptDraft(name: string): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

function keepDraft(name: string, draft: Draft, secrets: readonly Path[]): void {
  const value = secrets.reduce<Json>((rest, path) => put(rest, path, undefined), draft.value);
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify({ ...draft, value }));
  } catch {
    // A full or forbidden storage: the form itself still holds everything.
  }
}

export function dropDraft(name: string): void {
  sessionStorage.removeItem(PREFIX + name);
}

/** The draft of a form: what was kept, else `start`; `isKept` until somebody decides about it. */
export function useDraft(name: string, start: Draft, secretsOf: (value: JsonObject) => readonly Path[]) {
  const [kept] = useState(() => keptDraft(name));
  const [draft, setDraft] = useState<Draft>(kept ?? start);
  const [isKept, setIsKept] = useState(kept !== null);
  const write = (value: JsonObject, revision: number | null = draft.revision) => {
    const next = { revision, value };
    setDraft(next);
    keepDraft(name, next, secretsOf(value));
  };
  const discard = (back: Draft) => {
    dropDraft(name);
    setDraft(back);
    setIsKept(false);
  };
  return { draft, isKept, write, discard };
}
