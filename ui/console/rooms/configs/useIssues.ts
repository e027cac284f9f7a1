/** What is wrong with a draft: what the server refused, and what it says of the fields that were touched since. */
import type { FieldError } from "@client/problem";
import { useState } from "react";
import { type JsonObject, type Path, pointerOf } from "./model/json";
import { useVerdict } from "./verdict";

export function useIssues(value: JsonObject) {
  const verdict = useVerdict(value);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [refused, refuse] = useState<readonly FieldError[]>([]);
  const touch = (path: Path) => {
    const pointer = pointerOf(path);
    setTouched(new Set([...touched, pointer]));
    refuse(refused.filter((issue) => !covers(pointer, issue.pointer)));
  };
  const errorAt = (path: Path) => {
    const pointer = pointerOf(path);
    const live = [...touched].some((one) => covers(one, pointer)) ? verdict.errors : [];
    const all = [...refused.map(({ pointer: place, detail }) => [place, detail] as const), ...live.map(({ path: place, message }) => [place, message] as const)];
    return all.find(([place]) => ours(place) === pointer)?.[1];
  };
  return { refused, refuse, touch, errorAt };
}

/** Whether a change at `changed` may have mended, or made, what is wrong at `place`. */
const covers = (changed: string, place: string) => place === changed || place.startsWith(`${changed}/`);

/** The server names the kind of a value too ("/chat_id/0/int"), a field of ours ends where its list does. */
export function ours(pointer: string): string {
  return pointer.replace(/^(\/channel\/[^/]+\/(?:to|chat_id|url))\/.*$/, "$1");
}
