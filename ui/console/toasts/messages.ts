import { defineMessages } from "@shared/i18n";

export const text = defineMessages({
  en: {
    region: "New notices",
    dismiss: "Dismiss",
    dismissAll: "Dismiss all",
    read: "Mark as read",
    more: "{n, plural, one {# more in the inbox} other {# more in the inbox}}",
    digest: "{n, plural, one {# new notice} other {# new notices}}",
    away: "{n, plural, one {# notice while you were away} other {# notices while you were away}}",
    openInbox: "Open the inbox",
    blocked: "The browser holds sounds back until you click here",
    saidOne: "{severity}: {title}",
    saidMany: "{n, plural, one {# new notice} other {# new notices}}",
    saidCritical:
      "{n, plural, one {# new notice} other {# new notices}}, {critical, plural, one {# critical} other {# critical}}",
    readFailed: "It could not be marked as read: {reason}",
  },
  ru: {
    region: "Новые уведомления",
    dismiss: "Закрыть",
    dismissAll: "Закрыть все",
    read: "Отметить прочитанным",
    more: "{n, plural, one {Ещё # во входящих} few {Ещё # во входящих} many {Ещё # во входящих} other {Ещё # во входящих}}",
    digest:
      "{n, plural, one {# новое уведомление} few {# новых уведомления} many {# новых уведомлений} other {# нового уведомления}}",
    away: "{n, plural, one {# уведомление, пока вас не было} few {# уведомления, пока вас не было} many {# уведомлений, пока вас не было} other {# уведомления, пока вас не было}}",
    openInbox: "Открыть входящие",
    blocked: "Браузер не играет звук, пока вы не нажмёте сюда",
    saidOne: "{severity}: {title}",
    saidMany:
      "{n, plural, one {# новое уведомление} few {# новых уведомления} many {# новых уведомлений} other {# нового уведомления}}",
    saidCritical:
      "{n, plural, one {# новое уведомление} few {# новых уведомления} many {# новых уведомлений} other {# нового уведомления}}, {critical, plural, one {# критическое} few {# критических} many {# критических} other {# критических}}",
    readFailed: "Не удалось отметить прочитанным: {reason}",
  },
});
