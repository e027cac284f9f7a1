/** What the elements say, in English and Russian. A plural is chosen by the first `{n}`. */
export type Locale = "en" | "ru";
type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

const en = {
  notifications: "Notifications",
  bell: "Notifications, {n} unread",
  bellNone: "Notifications, none unread",
  signedOut: "Sign in to see your notifications",
  viewUnread: "Unread",
  viewAll: "All",
  viewArchived: "Archived",
  views: "View",
  search: "Search",
  readAll: "Mark all as read",
  read: "Mark as read",
  unread: "Mark as unread",
  archive: "Archive",
  unarchive: "Back to the inbox",
  acknowledge: "Acknowledge",
  dismiss: "Dismiss",
  undo: "Undo",
  doneRead: "{n} marked as read",
  doneUnread: "{n} marked as unread",
  doneArchive: "{n} archived",
  doneUnarchive: "{n} back in the inbox",
  failed: "That did not work: {why}",
  fresh: "{n} new",
  more: "{n} more",
  loadMore: "Load more",
  loading: "Loading…",
  emptyTitle: "Nothing here yet",
  emptyUnread: "All read",
  emptyArchived: "Nothing is archived",
  emptyFound: "Nothing matches",
  clear: "Clear the search",
  errorTitle: "The notifications could not be loaded",
  retry: "Try again",
  request: "Request {id}",
  offline: "Reconnecting – as of {time}",
  times: "{n} times",
  resolved: "Resolved",
  acknowledged: "Acknowledged",
  unreadMark: "Unread",
  away: { one: "{n} notification while you were away", other: "{n} notifications while you were away" } as Plural,
  arrived: { one: "{n} new notification", other: "{n} new notifications" } as Plural,
  arrivedCritical: { one: "{n} new notification, {critical} critical", other: "{n} new notifications, {critical} critical" } as Plural,
  critical: "Critical",
  error: "Error",
  warning: "Warning",
  info: "Info",
  success: "Success",
};

type Russian = string | (Required<Pick<Plural, "one" | "few" | "many">> & Plural);

const ru: Record<keyof typeof en, Russian> = {
  notifications: "Уведомления",
  bell: "Уведомления, непрочитанных: {n}",
  bellNone: "Уведомления, непрочитанных нет",
  signedOut: "Войдите, чтобы видеть уведомления",
  viewUnread: "Непрочитанные",
  viewAll: "Все",
  viewArchived: "Архив",
  views: "Вид",
  search: "Поиск",
  readAll: "Прочитать все",
  read: "Прочитано",
  unread: "Не прочитано",
  archive: "В архив",
  unarchive: "Вернуть из архива",
  acknowledge: "Взять в работу",
  dismiss: "Закрыть",
  undo: "Отменить",
  doneRead: "Прочитано: {n}",
  doneUnread: "Не прочитано: {n}",
  doneArchive: "В архиве: {n}",
  doneUnarchive: "Возвращено: {n}",
  failed: "Не получилось: {why}",
  fresh: { one: "{n} новое", few: "{n} новых", many: "{n} новых", other: "{n} нового" },
  more: "Ещё {n}",
  loadMore: "Показать ещё",
  loading: "Загрузка…",
  emptyTitle: "Здесь пока пусто",
  emptyUnread: "Всё прочитано",
  emptyArchived: "Архив пуст",
  emptyFound: "Ничего не найдено",
  clear: "Очистить поиск",
  errorTitle: "Не удалось загрузить уведомления",
  retry: "Повторить",
  request: "Запрос {id}",
  offline: "Соединяемся – данные на {time}",
  times: "Раз: {n}",
  resolved: "Решено",
  acknowledged: "В работе",
  unreadMark: "Не прочитано",
  away: {
    one: "{n} уведомление, пока вас не было",
    few: "{n} уведомления, пока вас не было",
    many: "{n} уведомлений, пока вас не было",
    other: "{n} уведомления, пока вас не было",
  },
  arrived: "Новых уведомлений: {n}",
  arrivedCritical: "Новых уведомлений: {n}, критических: {critical}",
  critical: "Критично",
  error: "Ошибка",
  warning: "Внимание",
  info: "Сообщение",
  success: "Успех",
};

export type TextKey = keyof typeof en;
export type Say = (key: TextKey, values?: Record<string, string | number>) => string;
/** Texts of the host's own, in place of some of ours. */
export type Messages = Partial<Record<TextKey, string | Plural>>;

const TEXTS: Record<Locale, Record<TextKey, string | Plural>> = { en, ru };
const rules: Partial<Record<Locale, Intl.PluralRules>> = {};

/** The language of an element: its own `lang`, else the nearest ancestor's, else the browser's; English when we lack it. */
export function localeOf(element: Element): Locale {
  const language = element.getAttribute("lang") || element.closest("[lang]")?.getAttribute("lang") || document.documentElement.lang;
  return (language || navigator.language).toLowerCase().startsWith("ru") ? "ru" : "en";
}

export function speaker(locale: Locale, own: Messages = {}): Say {
  return (key, values = {}) => {
    const text = own[key] ?? TEXTS[locale][key];
    const chosen = typeof text === "string" ? text : (text[ruleOf(locale, Number(values.n))] ?? text.other);
    return chosen.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  };
}

function ruleOf(locale: Locale, n: number): Intl.LDMLPluralRule {
  return (rules[locale] ??= new Intl.PluralRules(locale)).select(n);
}
