/** The server's refusals in the reader's language: by code and parameters, else in the server's own sentence. */
import { type Coded, type Params, Problem } from "@client/problem";
import { format, type Locale } from "@shared/i18n";
import { currentLocale } from "../language";

/** They come with the first refusal, or when the page is idle: the server may be away when they are needed. */
const loaded = () => import("./sentences").then((file) => file.sentences, () => null);
(window.requestIdleCallback ?? ((act: () => void) => setTimeout(act, 2_000)))(() => void loaded());

type Sentences = NonNullable<Awaited<ReturnType<typeof loaded>>>;

/** The same problem, saying what it says in the reader's words. */
export async function worded(problem: Problem): Promise<Problem> {
  const sentences = await loaded();
  const errors = problem.errors.map((error) => ({ ...error, detail: sentence(sentences, error) }));
  return new Problem(problem.status, problem.code, sentence(sentences, problem), errors, problem.requestId, problem.retryAfterSeconds, problem.params);
}

/** What an answer says is wrong with single fields, in the reader's words. */
export async function wordedErrors<Wrong extends { message: string; code?: string; params?: Params }>(errors: readonly Wrong[]): Promise<Wrong[]> {
  const sentences = await loaded();
  return errors.map((error) => ({ ...error, message: sentence(sentences, { detail: error.message, code: error.code ?? "", params: error.params ?? {} }) }));
}

function sentence(sentences: Sentences | null, { code, params, detail }: Coded, locale: Locale = currentLocale()): string {
  const known = sentences?.[locale][code];
  return known === undefined ? detail : filled(locale, known, params);
}

/** A sentence of the catalogs by code, with the server's parameters in it. */
export function filled(locale: Locale, known: string, params: Params): string {
  const catalog = { en: { known }, ru: { known } };
  return format(catalog, locale, "known", Object.fromEntries(Object.entries(params).map(([name, value]) => [name, typeof value === "number" ? value : String(value)])));
}
