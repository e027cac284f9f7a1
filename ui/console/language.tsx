/** The language of the console: the person's choice, else the browser's. */
import { type Catalog, format, type Locale, preferredLocale, type Values } from "@shared/i18n";
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import { type Choices, choices, useChoice } from "./choices";

const Language = createContext<Locale>("en");

export function LanguageProvider({ children }: { children: ReactNode }) {
  const locale = localeOf(useChoice("language"));
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  return <Language value={locale}>{children}</Language>;
}

const localeOf = (chosen: Choices["language"]): Locale => (chosen === "auto" ? preferredLocale() : chosen);

/** The same outside of the page's components. */
export const currentLocale = (): Locale => localeOf(choices().language);

export const useLocale = (): Locale => useContext(Language);

export type Text<Key extends string> = (key: Key, values?: Values) => string;

/** `const t = useText(text); t("unread", { n: 3 })` */
export function useText<Key extends string>(catalog: Catalog<Key>): Text<Key> {
  const locale = useLocale();
  return useMemo(() => (key, values) => format(catalog, locale, key, values), [catalog, locale]);
}
