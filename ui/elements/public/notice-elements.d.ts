/** Types of notice-elements.js: <notice-bell>, <notice-inbox>, <notice-toasts> and the connection under them. */

export type StreamState = "connecting" | "live" | "stale" | "offline" | "signed-out" | "gap";
export type Severity = "info" | "success" | "warning" | "error" | "critical";
export type View = "unread" | "inbox" | "archived" | "all";
export type Locale = "en" | "ru";

/** A notice as the signed-in person has it. */
export interface Notice {
  id: string;
  alert: string;
  key: string | null;
  config: string | null;
  status: "firing" | "resolved";
  severity: Severity;
  title: string;
  message: string;
  entity: { topic: string; key: string } | null;
  url: string | null;
  labels: Record<string, string>;
  actions: readonly { id?: string; label: string; url?: string }[];
  count: number;
  position: number;
  recipient: string;
  starts_at: string | null;
  ends_at: string | null;
  created_at: string;
  updated_at: string;
  read_at: string | null;
  acknowledged_at: string | null;
  archived_at: string | null;
}

export interface Counts {
  unread: number;
  by_severity: Record<Severity, number>;
  exact: boolean;
}

export interface TopicEvent {
  topic: string;
  key: string;
  action: "created" | "updated" | "deleted";
  data?: Record<string, unknown>;
  at: string;
  cursor: string;
}

export interface Item {
  key: string;
  data: Record<string, unknown>;
  at: string;
}

export interface Follower {
  /** The whole state: it replaces what was held. `gap`: there were changes before it that nobody can tell any more. */
  onSnapshot?: (items: readonly Item[], gap: boolean) => void;
  /** One change. `late`: it happened while the connection was cut. */
  onEvent: (event: TopicEvent, late: boolean) => void;
  onRefused?: (code: string, message: string) => void;
}

export interface NoticeOptions {
  /** The server's origin. */
  server?: string;
  /** Another name of `server`. */
  endpoint?: string;
  /** Called when a token is needed; nothing or null means that nobody is signed in. */
  getToken?: () => Promise<string | null | undefined>;
  /** An address of your own back end that answers `{"token": "…"}`. */
  tokenUrl?: string;
  token?: string;
  /** Who this is, when the token does not say: the tabs of one person share a connection. */
  user?: string;
  messages?: Record<string, string | Record<string, string>>;
  onNavigate?: (url: string, notice: Notice) => void;
}

export interface NoticeClient {
  readonly server: string;
  readonly state: StreamState;
  onState(listener: (state: StreamState) => void): () => void;
  /** Follow a topic of yours: its state, then every change. Returns the function that ends it. */
  follow(topic: string, follower: Follower): () => void;
  /** Try again now, as after signing in. */
  wake(): void;
  close(): void;
}

/** Connects the elements of the page that have no connection of their own. */
export declare function connectNotices(options: NoticeOptions): NoticeClient;

/** What the three elements share. */
export declare class NoticeElement extends HTMLElement {
  /** The origin of the server; with `token` or `token-url` it is all that an element needs. */
  server: string;
  /** A token that does not change; prefer `token-url`. */
  token: string;
  /** An address of your own back end that answers with a token. */
  tokenUrl: string;
  /** Who this is, when the token does not say: the tabs of one person share a connection. */
  user: string;
  /** `auto` follows the page's `color-scheme`. */
  theme: "auto" | "light" | "dark";
  /** `en` or `ru`; else the language of the page. */
  lang: string;
  /** An IANA name, as `Europe/Riga`; else the browser's. */
  timeZone: string;
  /** Hours of the day, as `h23`; else as the language has them. */
  hourCycle: "" | "h11" | "h12" | "h23" | "h24";
  /** A connection of your own making; without it that of the nearest element around, the attributes, or the page. */
  client: NoticeClient | undefined;
  /** Texts in place of ours, by key. */
  messages: Record<string, string | Record<string, string>>;
  /** The language in which it speaks. */
  readonly locale: Locale;
}

/** How many notices wait, and the inbox a click away. */
export declare class NoticeBell extends NoticeElement {
  /** The button's name in place of ours. */
  label: string;
  /** The largest number that is shown; more is this number and a plus. */
  max: number;
  /** What is counted: everything unread, or only what is critical or an error. */
  count: "unread" | "attention";
  /** A dot in place of the number. */
  dot: boolean;
  /** Where the popover opens, if there is room. */
  placement: "bottom-end" | "bottom-start" | "top-end" | "top-start";
  /** The id of a <notice-inbox> elsewhere in the page, which is shown in place of the popover. */
  target: string;
  disabled: boolean;
  open: boolean;
  readonly counts: Counts;
  show(): void;
  hide(): void;
  toggle(): void;
  focus(options?: FocusOptions): void;
}

/** What one can do with a notice. */
export type Action = "read" | "unread" | "archive" | "unarchive" | "acknowledge";

/** Which notices; what is left out says nothing. */
export interface Filter {
  severity?: readonly Severity[];
  alert?: string;
  status?: "firing" | "resolved";
  topic?: string;
  entity?: string;
  /** RFC 3339: when the notice came. */
  from?: string;
  to?: string;
}

/** A tab of your own: what it shows of `view`, which is all that is not archived when it does not say. */
export interface Tab {
  name: string;
  label: string;
  view?: View;
  filter?: Filter;
}

/** Something that your page can do with a notice; `when` says with which. */
export interface OwnAction {
  name: string;
  label: string;
  when?: (notice: Notice) => boolean;
}

/** What your own drawing of a notice is given beside it. */
export interface ItemContext {
  locale: Locale;
  /** A click that goes where the notice points. */
  open: (event: MouseEvent) => void;
  act: (action: Action) => void;
}

/** A person's notices, newest first, kept true while one looks at them. */
export declare class NoticeInbox extends NoticeElement {
  /** `panel` has a frame, `page` has none and is as high as what it is in. */
  mode: "panel" | "page" | "popover";
  /** The tab that is chosen: `unread`, `inbox`, `archived`, or one of yours. */
  view: string;
  /** Only what matches, in every tab. As an attribute: `severity=critical,error&topic=vm`. */
  filter: Filter;
  /** Which tabs there are, by name or of your own; none: no tabs. As an attribute: `unread archived`. */
  tabs: readonly (string | Tab)[];
  /** Headings between the notices. */
  groupBy: "day" | "topic" | "none";
  /** `off`: what arrives waits until the reader asks for it. */
  live: "on" | "off";
  density: "comfortable" | "compact";
  /** How many are loaded at once. */
  pageSize: number;
  hideHeader: boolean;
  hideSearch: boolean;
  /** What your page can do with a notice; it hears of it by `notice-action`. */
  actions: readonly OwnAction[];
  /** Draws a notice in your own way, between its severity and its actions; called anew when the notice changes. */
  renderItem: ((notice: Notice, context: ItemContext) => Node) | undefined;
  readonly items: readonly Notice[];
  refresh(): Promise<void>;
  loadMore(): Promise<void>;
  markRead(ids: readonly string[]): Promise<void>;
  markArchived(ids: readonly string[]): Promise<void>;
  /** As a click would: shown at once, announced by events, and it can be undone. */
  act(action: Action, ids: readonly string[]): Promise<void>;
  undo(): Promise<void>;
  focusItem(id: string): void;
  focus(): void;
}

export interface Toast {
  /** That of the notice, or `digest`, or `away`. */
  id: string;
  kind: "notice" | "digest" | "away";
  severity: string;
  title: string;
  body: string;
  /** How many notices it stands for, and by severity. */
  count: number;
  severities: Readonly<Record<string, number>>;
  at: number;
}

/** What has just arrived, in a corner of the page, until it was seen. */
export declare class NoticeToasts extends NoticeElement {
  position: "bottom-end" | "bottom-start" | "top-end" | "top-start";
  /** How many are shown at once. */
  limit: number;
  /** The least severity that is shown. */
  minSeverity: string;
  /** The severities that do not go by themselves. */
  persist: string;
  /** Nothing goes by itself. */
  stay: boolean;
  /** So many seconds the others are shown; 0: as long as reading takes. */
  duration: number;
  /** `policy`: what is critical or an error is heard, once somebody has touched the page. */
  sound: "off" | "policy";
  /** A last word: false, and there is no toast. */
  shouldShow: (notice: Notice) => boolean;
  /** Draws a notice in your own way, in place of its title, text and actions. */
  renderToast: ((notice: Notice) => Node) | undefined;
  readonly queue: readonly Toast[];
  show(notice: Notice): void;
  dismiss(id: string, reason?: string): void;
  dismissAll(): void;
  pause(): void;
  resume(): void;
  focus(): void;
}

/** What elements tell: on themselves, bubbling; the last four on `document`. Those with a star can be cancelled. */
export interface NoticeEvents {
  "notice-toggle": CustomEvent<{ open: boolean }>;
  /** A click on a notice or on a link of its own. Cancelled: the host goes there itself. */
  "notice-open": CustomEvent<{ notice: Notice; url: string | null }>;
  /** An act is about to be done. Cancelled: it is not. Also one of the host's own `actions`. */
  "notice-action": CustomEvent<{ action: string; ids: readonly string[] }>;
  "notice-change": CustomEvent<{ ids: readonly string[] }>;
  "notice-view": CustomEvent<{ view: string }>;
  "notice-load": CustomEvent<{ count: number }>;
  /** A toast is about to appear. Cancelled: it does not. */
  "notice-toast-show": CustomEvent<{ notice: Notice }>;
  /** A click in a toast: on its title, on "mark as read", on an action of the notice. Cancelled: the host does it. */
  "notice-toast-action": CustomEvent<{ action: "open" | "read" | "link"; url: string | null; notice: Notice }>;
  /** A click on a summary of many. Cancelled: the inbox of the bell is not opened. */
  "notice-toast-more": CustomEvent<object>;
  "notice-toast-dismiss": CustomEvent<{ id: string; reason: string }>;
  "notice-error": CustomEvent<{ problem: Error }>;
  "notice-state": CustomEvent<{ state: StreamState }>;
  "notice-auth-required": CustomEvent<{ server: string }>;
  "notice-counts": CustomEvent<Counts>;
}

declare global {
  interface HTMLElementTagNameMap {
    "notice-bell": NoticeBell;
    "notice-inbox": NoticeInbox;
    "notice-toasts": NoticeToasts;
  }
  interface HTMLElementEventMap extends NoticeEvents {}
  interface DocumentEventMap extends NoticeEvents {}
}
