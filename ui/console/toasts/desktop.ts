/**
 * Notifications of the operating system, while no tab of the panel can be seen. Permission is asked only in answer to a
 * click in the settings.
 */
import { rankOf } from "@shared/severity";
import { useSyncExternalStore } from "react";
import { choices } from "../choices";

/** Held, shared, by every tab that can be seen: so each tab knows of all of them. */
const SEEN = "alertwrap.seen";

export interface DesktopNotice {
  id: string;
  severity: string;
  title: string;
  body: string;
}

export type Permission = NotificationPermission | "unsupported";

const open = new Map<string, Notification>();
const listeners = new Set<() => void>();

function permission(): Permission {
  return "Notification" in window ? Notification.permission : "unsupported";
}

export async function askPermission(): Promise<Permission> {
  const answer = permission() === "unsupported" ? "unsupported" : await Notification.requestPermission();
  for (const listener of listeners) listener();
  return answer;
}

export function usePermission(): Permission {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    document.addEventListener("visibilitychange", listener); // it may have been changed in the browser's own settings
    return () => {
      listeners.delete(listener);
      document.removeEventListener("visibilitychange", listener);
    };
  }, permission);
}

/** Let the other tabs know while this one can be seen; returns the function that ends it. */
export function beSeen(): () => void {
  let release: (() => void) | undefined;
  const change = () => {
    release?.();
    release = undefined;
    if (document.hidden || !("locks" in navigator)) return;
    void navigator.locks.request(SEEN, { mode: "shared" }, () => new Promise<void>((done) => (release = done)));
  };
  change();
  document.addEventListener("visibilitychange", change);
  return () => {
    document.removeEventListener("visibilitychange", change);
    release?.();
  };
}

async function somebodyLooks(): Promise<boolean> {
  if (!document.hidden) return true;
  if (!("locks" in navigator)) return false;
  const { held = [] } = await navigator.locks.query();
  return held.some((lock) => lock.name === SEEN);
}

/** Shows the notice outside of the browser, if the person wants that and looks at no tab. */
export async function tellDesktop(notice: DesktopNotice, onClick: () => void): Promise<void> {
  const { desktop, desktopFrom } = choices();
  if (!desktop || permission() !== "granted" || rankOf(notice.severity) < rankOf(desktopFrom)) return;
  if (await somebodyLooks()) return;
  const shown = makeNotification(notice);
  if (!shown) return;
  open.set(notice.id, shown);
  shown.onclose = () => open.delete(notice.id);
  shown.onclick = () => {
    window.focus();
    shown.close();
    onClick();
  };
}

/** `tag`: the same notice replaces itself. On some phones only a service worker may do this: then nothing is shown. */
function makeNotification({ id, title, body, severity }: DesktopNotice): Notification | undefined {
  try {
    return new Notification(title, { tag: id, body, icon: "/favicon.svg", requireInteraction: severity === "critical" });
  } catch {
    return undefined;
  }
}

/** It was read elsewhere. */
export function retractFromDesktop(id: string): void {
  open.get(id)?.close();
}

const TRIAL_MS = 5_000;

/** Shows a sample in a moment, whoever looks. */
export function showTrial(title: string): void {
  setTimeout(() => makeNotification({ id: "trial", severity: "info", title, body: "" }), TRIAL_MS);
}
