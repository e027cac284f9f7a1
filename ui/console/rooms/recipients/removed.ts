import { slot } from "../../slot";

export interface Removed {
  id: string;
  name: string;
  /** The revision to go back to. */
  revision: number;
}

/** Who was deleted last: the list offers the way back. */
export const removed = slot<Removed | null>(null);
