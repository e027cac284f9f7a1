/** Why something did not work, as far as the answer's status tells: few words, for where there is no room for more. */
export type Reason = "offline" | "forbidden" | "busy" | "broken";

export const REASONS: Record<"en" | "ru", Record<Reason, string>> = {
  en: {
    offline: "the server cannot be reached",
    forbidden: "you may not do that",
    busy: "the server is busy; try again in a moment",
    broken: "the server failed",
  },
  ru: {
    offline: "сервер недоступен",
    forbidden: "на это нет прав",
    busy: "сервер занят, повторите чуть позже",
    broken: "ошибка на сервере",
  },
};

const BY_STATUS: Record<number, Reason> = { 0: "offline", 403: "forbidden", 429: "busy", 503: "busy" };

/** undefined: the status alone says too little. */
export function reasonOf({ status }: { status: number }): Reason | undefined {
  return BY_STATUS[status] ?? (status >= 500 ? "broken" : undefined);
}
