/** What the elements say, in English and Russian. A plural is chosen by the first `{n}`. */
export type Locale = "en" | "ru";
type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

const en = {
  notifications: "Notifications",
  bell: { one: "Notifications, {n} unread", other: "Notifications, {n} unread" } as Plural,
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
  open: "Open",
  dismiss: "Dismiss",
  undo: "Undo",
  doneRead: { one: "{n} marked as read", other: "{n} marked as read" } as Plural,
  doneUnread: { one: "{n} marked as unread", other: "{n} marked as unread" } as Plural,
  doneArchive: { one: "{n} archived", other: "{n} archived" } as Plural,
  doneUnarchive: { one: "{n} back in the inbox", other: "{n} back in the inbox" } as Plural,
  failed: "That did not work: {why}",
  fresh: { one: "{n} new", other: "{n} new" } as Plural,
  more: { one: "{n} more", other: "{n} more" } as Plural,
  loadMore: "Load more",
  loading: "Loading…",
  emptyTitle: "Nothing here yet",
  emptyBody: "What happens will appear here at once.",
  emptyUnread: "All read",
  emptyUnreadBody: "Nothing waits for you.",
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

const ru: { [Key in keyof typeof en]: (typeof en)[Key] extends string ? string : Required<Pick<Plural, "one" | "few" | "many">> & Plural } = {
  notifications: "Уведомления",
  bell: {
    one: "Уведомления, {n} непрочитанное",
    few: "Уведомления, {n} непрочитанных",
    many: "Уведомления, {n} непрочитанных",
    other: "Уведомления, {n} непрочитанного",
  },
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
  open: "Открыть",
  dismiss: "Закрыть",
  undo: "Отменить",
  doneRead: { one: "Прочитано: {n}", few: "Прочитано: {n}", many: "Прочитано: {n}", other: "Прочитано: {n}" },
  doneUnread: { one: "Не прочитано: {n}", few: "Не прочитано: {n}", many: "Не прочитано: {n}", other: "Не прочитано: {n}" },
  doneArchive: { one: "В архиве: {n}", few: "В архиве: {n}", many: "В архиве: {n}", other: "В архиве: {n}" },
  doneUnarchive: { one: "Возвращено: {n}", few: "Возвращено: {n}", many: "Возвращено: {n}", other: "Возвращено: {n}" },
  failed: "Не получилось: {why}",
  fresh: { one: "{n} новое", few: "{n} новых", many: "{n} новых", other: "{n} нового" },
  more: { one: "Ещё {n}", few: "Ещё {n}", many: "Ещё {n}", other: "Ещё {n}" },
  loadMore: "Показать ещё",
  loading: "Загрузка…",
  emptyTitle: "Здесь пока пусто",
  emptyBody: "Всё, что произойдёт, сразу появится здесь.",
  emptyUnread: "Всё прочитано",
  emptyUnreadBody: "Вас ничто не ждёт.",
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
  arrived: {
    one: "{n} новое уведомление",
    few: "{n} новых уведомления",
    many: "{n} новых уведомлений",
    other: "{n} нового уведомления",
  },
  arrivedCritical: {
    one: "{n} новое уведомление, критических: {critical}",
    few: "{n} новых уведомления, критических: {critical}",
    many: "{n} новых уведомлений, критических: {critical}",
    other: "{n} нового уведомления, критических: {critical}",
  },
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
