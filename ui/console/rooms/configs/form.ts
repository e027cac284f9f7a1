/** What the parts of the form share: where they write to, and what is wrong where. */
import { createContext, useContext } from "react";
import type { Json, JsonObject, Path } from "./model/json";

export interface Form {
  /** The schema of the metric: references lead into it. */
  root: JsonObject;
  change: (path: Path, to: Json | undefined) => void;
  /** What the server says of a place, once it may be said. */
  errorAt: (path: Path) => string | undefined;
}

export const FormContext = createContext<Form | null>(null);

export function useForm(): Form {
  const form = useContext(FormContext);
  if (!form) throw new Error("useForm outside of a form");
  return form;
}

/** The id of the element around a field; a summary of errors leads there. */
export const anchorOf = (pointer: string): string => `field${pointer}`;
