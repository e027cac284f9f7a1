/** Types of notice-elements.js: <notice-bell>, <notice-inbox>, <notice-toasts> and the connection under them. */

export type StreamState = "connecting" | "live" | "stale" | "offline" | "signed-out" | "gap";
export type Severity = "info" | "success" | "warning" | "error" | "critical";
export type View = "unread" | "inbox" | "archived" | "all";

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

/** What the three elements share. Each of the first four is also an attribute: `server`, `token`, `token-url`, `user`. */
export declare class NoticeElement extends HTMLElement {
  server: string;
  token: string;
  tokenUrl: string;
  user: string;
  theme: "auto" | "light" | "dark";
  timeZone: string;
  client: NoticeClient | undefined;
  messages: Record<string, string | Record<string, string>>;
}

export declare class NoticeBell extends NoticeElement {
  label: string;
  max: number;
  count: "unread" | "attention";
  dot: boolean;
  placement: "bottom-end" | "bottom-start" | "top-end" | "top-start";
  /** Attribute `for`: the id of a <notice-inbox>. */
  target: string;
  disabled: boolean;
  open: boolean;
  readonly counts: Counts;
  show(): void;
  hide(): void;
  toggle(): void;
}

export declare class NoticeInbox extends NoticeElement {
  mode: "panel" | "page" | "popover";
  view: View;
  density: "comfortable" | "compact";
  pageSize: number;
  hideHeader: boolean;
  hideSearch: boolean;
  renderItem: ((notice: Notice) => Node) | undefined;
  readonly items: readonly Notice[];
  refresh(): Promise<void>;
  loadMore(): Promise<void>;
  markRead(ids: readonly string[]): Promise<void>;
  markArchived(ids: readonly string[]): Promise<void>;
  undo(): Promise<void>;
  focusItem(id: string): void;
}

export declare class NoticeToasts extends NoticeElement {
  position: "bottom-end" | "bottom-start" | "top-end" | "top-start";
  limit: number;
  minSeverity: string;
  stay: boolean;
  /** `policy`: what is critical or an error is heard, once somebody has touched the page. */
  sound: "off" | "policy";
  shouldShow: (notice: Notice) => boolean;
  show(notice: Notice): void;
  dismiss(id: string): void;
  dismissAll(): void;
  pause(): void;
  resume(): void;
}

/** What elements tell: on themselves, bubbling; the last four on `document`. Those with a star can be cancelled. */
export interface NoticeEvents {
  "notice-toggle": CustomEvent<{ open: boolean }>;
  /** A click on a notice. Cancelled: the host goes there itself. */
  "notice-open": CustomEvent<{ notice: Notice }>;
  /** An act is about to be done. Cancelled: it is not. */
  "notice-action": CustomEvent<{ action: string; ids: readonly string[] }>;
  "notice-change": CustomEvent<{ ids: readonly string[] }>;
  "notice-view": CustomEvent<{ view: View }>;
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
