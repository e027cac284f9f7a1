/**
 * The one registry of keyboard shortcuts: what is in it works, stands in the key sheet, and can be run from the palette.
 * A shortcut is written as it is pressed: `j`, `Shift+X`, `Mod+K`, `?`, `F6`, or keys one after another: `g i`.
 */
import { useEffect, useRef } from "react";
import { choices } from "../choices";

export interface Shortcut {
  keys: string;
  /** Further keys for the same. */
  also?: readonly string[];
  /** What it does, in the language of the panel. */
  label: string;
  /** The heading it stands under in the key sheet. */
  group: string;
  act: () => void;
  /** Works while a field has the focus, too; for keys that write nothing. */
  inFields?: boolean;
  /** Can be chosen in the command palette. */
  isCommand?: boolean;
}

/** After the first key of a sequence. */
const SEQUENCE_MS = 1_500;

/** Where letters are input, or belong to a widget that finds by letters. */
const FIELDS = "input:not([type=checkbox],[type=radio],[type=button]),textarea,select,[contenteditable],[role=textbox],[role=combobox]";
const WIDGETS = "dialog,[role=dialog],[role=alertdialog],[role=menu],[role=listbox],[role=tree]";
/** Enter and Space are theirs. */
const PRESSABLE = "a[href],button,summary,[role=button],[role=tab],[role=option],[role=switch],[role=checkbox],input";

const layers: (() => readonly Shortcut[])[] = [];
let begun = "";
let begunAt = 0;

/** Add shortcuts; those added last come first. Returns the function that takes them away. */
export function addShortcuts(source: () => readonly Shortcut[]): () => void {
  layers.push(source);
  return () => {
    layers.splice(layers.indexOf(source), 1);
  };
}

/** All shortcuts that are in force; of two on the same keys the one that was added last. */
export function shortcuts(): Shortcut[] {
  const taken = new Set<string>();
  const found: Shortcut[] = [];
  for (const layer of [...layers].reverse()) {
    for (const one of layer()) if (!taken.has(one.keys)) found.push(one);
    for (const one of layer()) for (const keys of [one.keys, ...(one.also ?? [])]) taken.add(keys);
  }
  return found;
}

/** Shortcuts while a component is there. They may change with each render. */
export function useShortcuts(given: readonly Shortcut[]): void {
  const latest = useRef(given);
  useEffect(() => {
    latest.current = given;
  });
  useEffect(() => addShortcuts(() => latest.current), []);
}

/** The key as it is written in a shortcut. Under another alphabet the key's place on the keyboard counts. */
function keyOf(event: KeyboardEvent): string {
  const { key, code } = event;
  if (key.length > 1) return key;
  if (key === " ") return "Space";
  if (key > " " && key < "\u007f") return key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(code)?.[1] ?? /^Digit(\d)$/.exec(code)?.[1];
  return letter?.toLowerCase() ?? PLACES[code] ?? key.toLowerCase();
}

const PLACES: Record<string, string> = { BracketLeft: "[", BracketRight: "]", Period: ".", Slash: "/", Comma: ",", Semicolon: ";" };

/** `Mod+K` for the event of Ctrl and k; Shift counts where it makes no other sign. */
export function comboOf(event: KeyboardEvent): string {
  const key = keyOf(event);
  const sign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  const held = event.getModifierState("AltGraph") ? [] : [...(event.ctrlKey || event.metaKey ? ["Mod"] : []), ...(event.altKey ? ["Alt"] : [])];
  return [...held, ...(event.shiftKey && !sign ? ["Shift"] : []), key.length === 1 ? key.toUpperCase() : key].join("+");
}

/** Written by hand or pressed, the same shortcut looks the same: single letters in capitals. */
const normal = (keys: string): string =>
  keys
    .split(" ")
    .map((combo) => combo.replace(/(^|\+)(.)$/, (_, before: string, key: string) => before + key.toUpperCase()))
    .join(" ");

function find(pressed: string): Shortcut | "prefix" | undefined {
  const named = (one: Shortcut) => [one.keys, ...(one.also ?? [])].map(normal);
  const all = layers.toReversed().flatMap((layer) => layer());
  const exact = all.find((one) => named(one).includes(pressed));
  return exact ?? (all.some((one) => named(one).some((keys) => keys.startsWith(`${pressed} `))) ? "prefix" : undefined);
}

/** Whether the keys are a sign that writes something: those can be switched off. */
const isSign = (combo: string): boolean => !combo.includes("Mod+") && !combo.includes("Alt+") && combo.replace("Shift+", "").length === 1;

function isHers(target: EventTarget | null, combo: string, one: Shortcut | "prefix"): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest(FIELDS)) return !(one !== "prefix" && one.inFields);
  if (target.closest(WIDGETS)) return combo !== "F6" && combo !== "Shift+F6" && !combo.startsWith("Mod+");
  return (combo === "Enter" || combo === "Space") && target.closest(PRESSABLE) !== null;
}

/** Runs what a key press stands for. */
export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  const combo = comboOf(event);
  const fresh = event.timeStamp - begunAt < SEQUENCE_MS;
  const sequence = begun && fresh ? `${begun} ${combo}` : combo;
  begun = "";
  const found = find(sequence) ?? find(combo);
  if (!found || (isSign(combo) && !choices().shortcuts) || isHers(event.target, combo, found)) return;
  event.preventDefault();
  if (found === "prefix") {
    begun = combo;
    begunAt = event.timeStamp;
  } else if (!event.repeat || isMove(combo)) {
    found.act();
  }
}

/** A key held down moves on; it does not archive one notice after the other. */
const isMove = (combo: string): boolean => ["J", "K", "ArrowUp", "ArrowDown"].includes(combo);
