/** Moments and durations as people read them, in their language and zone. Milliseconds since the epoch go in. */
import type { Locale } from "./i18n";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A minute or less ago is told in tens of seconds: nobody reads seconds, and the clock ticks every ten. */
const STEP = 10 * SECOND;

/** "5 minutes ago", "in 2 hours"; null beyond a day, when a date says more. */
export function relativeTime(at: number, now: number, locale: Locale): string | null {
  const away = at - now;
  const far = Math.abs(away);
  if (far >= DAY) return null;
  const words = formatter("relative", locale, () => new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }));
  if (far < STEP) return words.format(0, "second");
  if (far < MINUTE) return words.format(Math.trunc(away / STEP) * 10, "second");
  if (far < HOUR) return words.format(Math.trunc(away / MINUTE), "minute");
  return words.format(Math.trunc(away / HOUR), "hour");
}

export type TimeShape = "short" | "time" | "full" | "day";

const SHAPES: Record<TimeShape, Intl.DateTimeFormatOptions> = {
  short: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  full: { dateStyle: "long", timeStyle: "medium" },
  day: { weekday: "long", day: "numeric", month: "long" },
};

/** A moment as text. `locale` may say more than the language; `zone` is an IANA name or "local". Another year is named. */
export function formatTime(at: number, locale: string, zone: string, shape: TimeShape, now: number = Date.now()): string {
  const dated = shape === "short" || shape === "day";
  const year: Intl.DateTimeFormatOptions = dated && new Date(at).getFullYear() !== new Date(now).getFullYear() ? { year: "numeric" } : {};
  const made = () => new Intl.DateTimeFormat(locale, { ...SHAPES[shape], ...year, ...zoneOption(zone) });
  return formatter(`${shape} ${zone} ${year.year ?? ""}`, locale, made).format(at);
}

/** The name of a zone: "Europe/Paris" for "local" in Paris. */
export function zoneName(zone: string): string {
  return zone === "local" ? Intl.DateTimeFormat().resolvedOptions().timeZone : zone;
}

/** Every zone that the browser knows, UTC first. */
export function allZones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
}

/** "1 h 5 min": the two largest units, rounded down; below a second in milliseconds. */
export function formatDuration(ms: number, locale: Locale): string {
  if (ms < SECOND) return unit(Math.max(0, Math.round(ms)), "millisecond", locale);
  const units = [["day", DAY], ["hour", HOUR], ["minute", MINUTE], ["second", SECOND]] as const;
  const first = units.findIndex(([, size]) => ms >= size);
  let rest = ms;
  const parts = units.slice(first, first + 2).map(([name, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? unit(count, name, locale) : "";
  });
  return parts.filter(Boolean).join(" ");
}

const DURATION = /^(\d+)(s|m|h|d)$/;
const UNITS: Record<string, number> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** A duration of the API ("15m", "0") in milliseconds; null for anything else. */
export function parseDuration(text: string): number | null {
  if (text === "0") return 0;
  const [, count, name] = DURATION.exec(text) ?? [];
  return count && name ? Number(count) * (UNITS[name] ?? NaN) : null;
}

/** "04:59" until a moment, with hours when there are some. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / SECOND));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

function unit(count: number, name: string, locale: Locale): string {
  const made = () => new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "short" });
  return formatter(`unit ${name}`, locale, made).format(count);
}

function zoneOption(zone: string): Intl.DateTimeFormatOptions {
  return zone === "local" ? {} : { timeZone: zone };
}

/** Formatters are dear to make and cheap to keep. */
const made = new Map<string, unknown>();

function formatter<T>(name: string, locale: string, make: () => T): T {
  const id = `${locale} ${name}`;
  if (!made.has(id)) made.set(id, make());
  return made.get(id) as T;
}
