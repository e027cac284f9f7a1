/** What tests read of tools/manifest.mjs. */
import type { Plugin } from "vite";

type Named = readonly { name: string }[];

export interface Declaration {
  tagName: string;
  members: Named;
  attributes: Named;
  events: Named;
  slots: Named;
  cssParts: Named;
  cssProperties: Named;
  cssStates: Named;
}

export function manifest(): { modules: readonly { declarations: readonly Declaration[] }[] };
export function manifestBeside(): Plugin;
