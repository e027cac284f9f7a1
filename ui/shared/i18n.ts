/** Texts in English and Russian. Messages are ICU MessageFormat, compiled when first used. */
import { type Messages as Compiled, setupI18n } from "@lingui/core";
import { compileMessage } from "@lingui/message-utils/compileMessage";

const LOCALES = ["en", "ru"] as const;
export type Locale = (typeof LOCALES)[number];
export type Values = Record<string, string | number | Date>;

/** One folder's texts: the same keys in each locale; a missing one does not compile. */
export type Catalog<Key extends string> = Record<Locale, Record<Key, string>>;

export function defineMessages<Key extends string>(messages: {
  en: Record<Key, string>;
  ru: Record<NoInfer<Key>, string>;
}): Catalog<Key> {
  return messages;
}

const compiled = new Map<string, Compiled[string]>();
const engines = Object.fromEntries(LOCALES.map((locale) => [locale, setupI18n({ locale, messages: { [locale]: {} } })])) as Record<
  Locale,
  ReturnType<typeof setupI18n>
>;

/** Most texts have nothing to put in: they need no parser, which counts when a page is drawn for the first time. */
const isPlain = (message: string): boolean => !message.includes("{") && !message.includes("''");

/** The text of a key, with values put in and plurals chosen. */
export function format<Key extends string>(catalog: Catalog<Key>, locale: Locale, key: Key, values?: Values): string {
  const message = catalog[locale][key];
  if (isPlain(message)) return message;
  const id = `${locale}\u0000${message}`;
  if (!compiled.has(id)) {
    compiled.set(id, compileMessage(message));
    engines[locale].load(locale, { [message]: compiled.get(id) as Compiled[string] });
  }
  return engines[locale]._(message, values);
}

/** What a browser prefers, among what there is. */
export function preferredLocale(languages: readonly string[] = navigator.languages): Locale {
  const found = languages.map((language) => language.slice(0, 2).toLowerCase()).find((one) => (LOCALES as readonly string[]).includes(one));
  return (found as Locale | undefined) ?? "en";
}
