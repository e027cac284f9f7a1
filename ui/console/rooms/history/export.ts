/** The history as a file: page after page of the filter in force, up to a bound. */
import type { Source, Told } from "./source";

/** Notices in one file: a table program opens it, and the server is asked two hundred times at most. */
export const MOST = 40_000;
const PAGE = 200;

export type Format = "csv" | "json";

/** Reads until the end, the bound, or `signal`; tells how many it has. */
export async function collect(source: Source, onProgress: (count: number) => void, signal: AbortSignal): Promise<Told[]> {
  const found: Told[] = [];
  for (let next: string | null = null; ; ) {
    const page = await source.page(next, PAGE, signal);
    found.push(...page.items);
    onProgress(found.length);
    next = page.next;
    if (next === null || found.length >= MOST) return found.slice(0, MOST);
  }
}

const COLUMNS = ["id", "created_at", "updated_at", "severity", "status", "alert", "key", "title", "message", "topic", "entity", "count", "url"] as const;

export function asText(items: readonly Told[], format: Format): string {
  if (format === "json") return JSON.stringify(items, null, 1);
  const rows = items.map((item) => COLUMNS.map((name) => cell(valueOf(item, name))).join(","));
  return `\ufeff${[COLUMNS.join(","), ...rows].join("\r\n")}\r\n`;
}

function valueOf(item: Told, name: (typeof COLUMNS)[number]): string {
  if (name === "topic") return item.entity?.topic ?? "";
  if (name === "entity") return item.entity?.key ?? "";
  return String(item[name] ?? "");
}

/** A table program would run what begins like a formula; the apostrophe makes it text. */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Hands a text to the browser as a file. */
export function save(text: string, format: Format): void {
  const type = format === "csv" ? "text/csv;charset=utf-8" : "application/json";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = `notices-${new Date().toISOString().slice(0, 16).replace(":", "")}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
