/**
 * Parts of the console that are fetched when first needed. After an upgrade of the server an open page asks for files that
 * are gone: then the page is loaded anew, once, unless somebody is filling in a form; else a sentence says so.
 */
import { type ComponentType, lazy, useSyncExternalStore } from "react";

/** A room whose code did not come; what it threw says nothing to anybody. */
export class Missing extends Error {
  override message = "the code of a room did not come";
}

let isMissing = false;
const listeners = new Set<() => void>();

/** The code of a room, for the router. Throws Missing. */
export const room = <Module>(load: () => Promise<Module>): (() => Promise<Module>) => {
  return () =>
    load().catch(() => {
      throw new Missing();
    });
};

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as React's lazy: whatever it takes
type AnyComponent = ComponentType<any>;

/** A part of a page. Without its code it stays away, and `useMissing` tells of it; the rest of the page goes on. */
export const part = <Part extends AnyComponent>(load: () => Promise<{ default: Part }>) =>
  lazy(() =>
    load().catch(async () => {
      if (document.querySelector("main form, [role=dialog] form") === null) await renew();
      isMissing = true;
      for (const listener of listeners) listener();
      return new Promise<never>(() => undefined);
    }),
  );

/** Whether a part of this page did not come. */
export const useMissing = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isMissing,
  );

const RENEWED = "renewed-for";

/** Loads the page anew when the server has another one; returns when it has not, cannot be reached, or that did not help. */
export async function renew(): Promise<void> {
  const newest = await fetch("/", { cache: "no-store", headers: { accept: "text/html" } }).then(entryIn, () => null);
  const ours = document.querySelector<HTMLScriptElement>("script[type=module]")?.getAttribute("src");
  if (newest === null || newest === ours || sessionStorage.getItem(RENEWED) === newest) return;
  sessionStorage.setItem(RENEWED, newest);
  location.reload();
  await new Promise(() => undefined); // nothing is shown until the new page is
}

/** The first script of a page: its name changes with each build. */
async function entryIn(page: Response): Promise<string | null> {
  return /<script type="module"[^>]* src="([^"]+)"/.exec(await page.text())?.[1] ?? null;
}
