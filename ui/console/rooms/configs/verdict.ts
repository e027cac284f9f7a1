/** The server's judgement of what stands in the form now: asked when typing pauses, older questions are dropped. */
import { useEffect, useState } from "react";
import { wordedErrors } from "../../problems/words";
import { http } from "../../session";
import { CONFIGS, type Verdict } from "./api";
import type { JsonObject } from "./model/json";

const PAUSE_MS = 400;
const NONE: Verdict = { errors: [], hints: [] };

export function useVerdict(draft: JsonObject): Verdict {
  const [verdict, setVerdict] = useState(NONE);
  const body = JSON.stringify(draft);
  useEffect(() => {
    const aborter = new AbortController();
    const timer = setTimeout(() => {
      http
        .call<Verdict>("POST", `${CONFIGS}/validate`, { body: JSON.parse(body) as JsonObject, signal: aborter.signal })
        .then(async ({ body }) => setVerdict({ ...body, errors: await wordedErrors(body.errors) }))
        .catch(() => undefined); // unreachable or cancelled: saving will say what is wrong
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [body]);
  return verdict;
}
