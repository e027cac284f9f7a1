/**
 * The rooms of the console: the only place that knows them all. A room is a folder in `rooms/` and an entry here;
 * its code is loaded when somebody first enters.
 */
import { ChartColumn, History, Inbox, KeyRound, MonitorCog, RadioTower, ScrollText, Send, Server, Siren, SlidersHorizontal, type LucideIcon, UserRound, Users } from "lucide-react";
import type { ComponentType } from "react";
import type { Locale } from "@shared/i18n";
import * as inboxRoom from "./rooms/inbox/InboxRoom";

export type Section = "personal" | "operate" | "administer";

export interface Room {
  /** Addresses, the first one is where the navigation leads; `$id` is a parameter. */
  paths: readonly [string, ...string[]];
  /** Addresses below the first one, where the room stays as it is and only looks at something. */
  inside?: readonly string[];
  load: () => Promise<{ default: ComponentType }>;
  /** What the session must hold to see the room. */
  scope?: string;
  /** Without it the room is not in the navigation. `key` is pressed after `g`. */
  nav?: {
    section: Section;
    label: Record<Locale, string>;
    icon: LucideIcon;
    key?: string;
    /** Stands in the bar of a phone, where few do. */
    isNear?: true;
    /** Shows how many notices wait. */
    isCounted?: true;
  };
  /** A page for those who are not signed in, without the shell. */
  open?: true;
}

export const rooms: readonly Room[] = [
  {
    paths: ["/inbox"],
    inside: ["n/$id"],
    load: async () => inboxRoom, // where everybody arrives: it comes with the first file
    nav: { section: "personal", label: { en: "Inbox", ru: "Входящие" }, icon: Inbox, key: "i", isNear: true, isCounted: true },
  },
  {
    paths: ["/history"],
    load: () => import("./rooms/history/HistoryRoom"),
    nav: { section: "personal", label: { en: "History", ru: "История" }, icon: History, key: "h", isNear: true },
  },
  { paths: ["/n/$id"], load: () => import("./rooms/notice/NoticeRoom") },
  {
    paths: ["/settings"],
    load: () => import("./rooms/settings/DeviceRoom"),
    nav: { section: "personal", label: { en: "Device", ru: "Устройство" }, icon: MonitorCog, key: "," },
  },
  {
    paths: ["/ops"],
    load: () => import("./rooms/overview/Overview"),
    scope: "notices:read",
    nav: { section: "operate", label: { en: "Overview", ru: "Обзор" }, icon: ChartColumn, key: "o", isNear: true },
  },
  {
    paths: ["/ops/deliveries"],
    load: () => import("./rooms/deliveries/Deliveries"),
    scope: "messages:read",
    nav: { section: "operate", label: { en: "Deliveries", ru: "Доставка" }, icon: Send, key: "d" },
  },
  { paths: ["/ops/deliveries/$id"], load: () => import("./rooms/deliveries/Delivery"), scope: "messages:read" },
  {
    paths: ["/ops/alerts"],
    load: () => import("./rooms/alerts/AlertList"),
    scope: "configs:read",
    nav: { section: "operate", label: { en: "Alerts", ru: "Оповещения" }, icon: Siren, key: "a" },
  },
  {
    paths: ["/ops/configs"],
    load: () => import("./rooms/configs/ConfigList"),
    scope: "configs:read",
    nav: { section: "operate", label: { en: "Configs", ru: "Конфиги" }, icon: SlidersHorizontal, key: "f", isNear: true },
  },
  { paths: ["/ops/configs/new", "/ops/configs/$id/edit"], load: () => import("./rooms/configs/ConfigForm"), scope: "configs:write" },
  { paths: ["/ops/configs/$id"], load: () => import("./rooms/configs/ConfigPage"), scope: "configs:read" },
  { paths: ["/ops/configs/$id/history"], load: () => import("./rooms/configs/HistoryPage"), scope: "configs:read" },
  {
    paths: ["/ops/recipients"],
    load: () => import("./rooms/recipients/RecipientList"),
    scope: "configs:read",
    nav: { section: "operate", label: { en: "Recipients", ru: "Получатели" }, icon: Users, key: "r" },
  },
  { paths: ["/ops/recipients/new", "/ops/recipients/$id"], load: () => import("./rooms/recipients/RecipientForm"), scope: "configs:read" },
  {
    paths: ["/ops/channels"],
    load: () => import("./rooms/channels/Channels"),
    scope: "messages:read",
    nav: { section: "operate", label: { en: "Channels", ru: "Каналы" }, icon: RadioTower, key: "c" },
  },
  {
    paths: ["/ops/system"],
    load: () => import("./rooms/system/System"),
    scope: "metrics:read",
    nav: { section: "administer", label: { en: "System", ru: "Система" }, icon: Server, key: "s" },
  },
  {
    paths: ["/ops/accounts"],
    load: () => import("./rooms/accounts/Accounts"),
    scope: "admin",
    nav: { section: "administer", label: { en: "Accounts", ru: "Учётные записи" }, icon: UserRound, key: "u" },
  },
  {
    paths: ["/ops/tokens"],
    load: () => import("./rooms/tokens/Tokens"),
    scope: "admin",
    nav: { section: "administer", label: { en: "Tokens", ru: "Токены" }, icon: KeyRound, key: "k" },
  },
  {
    paths: ["/ops/audit"],
    load: () => import("./rooms/audit/Audit"),
    scope: "admin",
    nav: { section: "administer", label: { en: "Audit trail", ru: "Журнал аудита" }, icon: ScrollText, key: "l" },
  },
  { paths: ["/sign-in"], load: () => import("./rooms/sign-in/SignIn"), open: true },
];

/** Where the root address leads. */
export const HOME = "/inbox";
