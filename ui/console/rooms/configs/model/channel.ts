/** The channels of a config as steps of an escalation. */
import { parseDuration } from "@shared/time";
import { isObject, type Json, type JsonObject } from "./json";

export const PANEL = "panel";
export const DEFAULT_AFTER = "10m";

export interface Step {
  channel: string;
  settings: JsonObject;
  /** As the API writes it: "15m". The inbox has none: it is there at once. */
  after: string;
}

/** What a channel calls its own addresses. */
const ADDRESS: Record<string, "to" | "chat_id" | "url"> = { email: "to", telegram: "chat_id", webhook: "url" };
const ADDRESSES = ["to", "chat_id", "url"] as const;

/** In the order in which they run: the inbox, then by delay. */
export function stepsOf(channels: Json | undefined): Step[] {
  const steps = Object.entries(isObject(channels) ? channels : {}).map(([channel, settings]) => stepOf(channel, settings));
  return steps.sort((one, other) => moment(one) - moment(other));
}

function stepOf(channel: string, settings: Json): Step {
  const known = isObject(settings) ? settings : {};
  return { channel, settings: known, after: channel === PANEL ? "0" : typeof known.after === "string" ? known.after : DEFAULT_AFTER };
}

const moment = (step: Step) => (step.channel === PANEL ? -1 : (parseDuration(step.after) ?? Infinity));

/** `channels` with two neighbours of the timeline exchanged: each takes the other's delay. */
export function swapped(channels: JsonObject, one: Step, other: Step): JsonObject {
  return {
    ...channels,
    [one.channel]: { ...one.settings, after: other.after },
    [other.channel]: { ...other.settings, after: one.after },
  };
}

/** The kinds of addresses a step can have: the one of its channel, and those it has already. */
export function addressKinds(step: Step): ("to" | "chat_id" | "url")[] {
  const own = ADDRESS[step.channel] ?? (step.channel === PANEL ? undefined : "to");
  return ADDRESSES.filter((kind) => kind === own || listOf(step, kind).length > 0);
}

export function listOf(step: Step, name: string): Json[] {
  const found = step.settings[name];
  return Array.isArray(found) ? found : [];
}

/** Channels without what says nothing: lists that are empty, and a delay of the inbox. */
export function tidied(channels: JsonObject): JsonObject {
  const isEmpty = (name: string, value: Json) => (ADDRESSES as readonly string[]).includes(name) && Array.isArray(value) && value.length === 0;
  const said = (channel: string, [name, value]: [string, Json]) => !isEmpty(name, value) && !(channel === PANEL && name === "after");
  return Object.fromEntries(
    Object.entries(channels).map(([channel, settings]) => [
      channel,
      isObject(settings) ? Object.fromEntries(Object.entries(settings).filter((entry) => said(channel, entry))) : settings,
    ]),
  );
}

export function recipientsOf(config: JsonObject): string[] {
  const named = stepsOf(config.channel).flatMap((step) => listOf(step, "recipients"));
  return [...new Set(named.map(String))];
}

/** "-100123, @group" → [-100123, "@group"]: what looks like a chat's number is one. */
export function addressesIn(text: string, kind: string): Json[] {
  return text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map((word) => (kind === "chat_id" && /^-?\d{1,15}$/.test(word) ? Number(word) : word));
}
