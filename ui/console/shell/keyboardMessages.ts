import { defineMessages } from "@shared/i18n";

export const text = defineMessages({
  en: {
    everywhere: "Everywhere",
    go: "Go to",
    palette: "Command palette",
    sheet: "Keyboard shortcuts",
    nextRegion: "Next part of the page",
    previousRegion: "Previous part of the page",
    lettersOff: "Single-letter shortcuts are switched off in the settings of this device.",
    lettersOn: "Single letters can be switched off in the settings of this device.",
    ask: "Go to a room, do something, find a notice",
    results: "{n, plural, =0 {Nothing matches} one {# result} other {# results}}",
    rooms: "Rooms",
    acts: "Actions",
    notices: "Notices",
  },
  ru: {
    everywhere: "Везде",
    go: "Переход",
    palette: "Палитра команд",
    sheet: "Сочетания клавиш",
    nextRegion: "Следующая часть страницы",
    previousRegion: "Предыдущая часть страницы",
    lettersOff: "Однобуквенные сочетания выключены в настройках этого устройства.",
    lettersOn: "Однобуквенные сочетания можно выключить в настройках этого устройства.",
    ask: "Перейти в раздел, выполнить действие, найти уведомление",
    results:
      "{n, plural, =0 {Ничего не найдено} one {# результат} few {# результата} many {# результатов} other {# результата}}",
    rooms: "Разделы",
    acts: "Действия",
    notices: "Уведомления",
  },
});
