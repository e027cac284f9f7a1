/** Figures as people read them, in their language. */
import type { Locale } from "@shared/i18n";

export const count = (value: number, locale: Locale): string => new Intl.NumberFormat(locale).format(value);

/** 0.985 → "98.5%"; a dash for what nobody knows. Never "100%" while something is missing, nor "0%" for a few. */
export function share(value: number | null | undefined, locale: Locale): string {
  if (value === null || value === undefined) return "–";
  const bounded = value > 0 && value < 1 ? Math.min(0.999, Math.max(0.001, value)) : value;
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(bounded);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** 1536 → "1.5 kB", in steps of 1,000 as disks are sold. */
export function bytes(value: number, locale: Locale): string {
  const step = Math.min(UNITS.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  const shape = { style: "unit", unit: UNITS[step] ?? "byte", unitDisplay: "short", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale, shape).format(value / 1000 ** step);
}
