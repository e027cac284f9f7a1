import { slot } from "../../slot";

export interface Deleted {
  id: string;
  /** The revision to go back to. */
  revision: number;
}

/** What was deleted last, wherever it was: the list offers the way back. */
export const deleted = slot<Deleted | null>(null);

/** What could not be done in the list, said where everybody sees it. */
export const complaint = slot<string | null>(null);
