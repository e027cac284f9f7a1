/** Why a message is not sent, in the reader's language: by its codes, else in the server's own words. */
import type { Params } from "@client/problem";
import type { Locale } from "@shared/i18n";
import { deliveries } from "./deliveries";
import { filled } from "./words";

export type Codes = readonly { code: string; params: Params }[] | null | undefined;

/** `text` says the same as all of `codes`; an earlier server wrote no codes, a newer one may know more of them. */
export function reasonIn<Text extends string | null>(locale: Locale, text: Text, codes: Codes): Text | string {
  if (locale === "en" || !codes?.length) return text;
  const sentences = codes.map(({ code, params }) => {
    const known = deliveries[code];
    return known === undefined ? null : filled(locale, known, params);
  });
  return sentences.includes(null) ? text : sentences.join("; ");
}
