import { defineMessages } from "@shared/i18n";

export const text = defineMessages({
  en: {
    asOf: "As of",
    refresh: "Look again",
    more: "Show more",
  },
  ru: {
    asOf: "По состоянию на",
    refresh: "Обновить",
    more: "Показать ещё",
  },
});
