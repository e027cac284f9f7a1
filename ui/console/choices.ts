/** What a person chose for this browser. Kept in localStorage, the same in every tab at once. */
import { useSyncExternalStore } from "react";

export interface Choices {
  language: "auto" | "en" | "ru";
  theme: "auto" | "light" | "dark";
  density: "auto" | "comfortable" | "compact";
  /** An IANA name, or "local". */
  timeZone: string;
  /** Whether single letters act; switched off for those who speak to their computer (WCAG 2.1.4). */
  shortcuts: boolean;
  toastsStay: boolean;
  sound: boolean;
  /** The severities that are heard. */
  soundFor: readonly string[];
  /** From 0 to 1. */
  volume: number;
  desktop: boolean;
  /** The least severity that the desktop tells of. */
  desktopFrom: string;
}

/** Each account has its own in a browser that several people use; the last one's hold until someone signs in. */
const PREFIX = "alertwrap.choices";
const OWNER = "alertwrap.owner";
const DEFAULTS: Choices = {
  language: "auto",
  theme: "auto",
  density: "auto",
  timeZone: "local",
  shortcuts: true,
  toastsStay: false,
  sound: false,
  soundFor: ["critical", "error"],
  volume: 0.5,
  desktop: false,
  desktopFrom: "warning",
};
const listeners = new Set<() => void>();
let owner = recall(OWNER) ?? "";
let current = read();

function recall(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // a browser that keeps nothing: the choice holds until the page is left
  }
}

function read(): Choices {
  try {
    return { ...DEFAULTS, ...(JSON.parse(recall(`${PREFIX}.${owner}`) ?? "{}") as Partial<Choices>) };
  } catch {
    return DEFAULTS;
  }
}

/** Whose choices hold from now on. */
export function choicesOf(account: string): void {
  if (account === owner) return;
  const first = recall(`${PREFIX}.${account}`) === null && owner === "";
  owner = account;
  keep(OWNER, account);
  if (first) keep(`${PREFIX}.${owner}`, JSON.stringify(current)); // chosen before signing in
  else current = read();
  tell();
}

export const choices = (): Choices => current;

export function choose<Name extends keyof Choices>(name: Name, value: Choices[Name]): void {
  current = { ...current, [name]: value };
  keep(`${PREFIX}.${owner}`, JSON.stringify(current));
  tell();
}

export function onChoice(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useChoice<Name extends keyof Choices>(name: Name): Choices[Name] {
  return useSyncExternalStore(onChoice, () => current[name]);
}

function tell(): void {
  document.documentElement.dataset.theme = current.theme;
  for (const listener of listeners) listener();
}

addEventListener("storage", (event) => {
  if (event.key !== `${PREFIX}.${owner}`) return;
  current = read();
  tell();
});
tell();
