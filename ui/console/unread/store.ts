/** The console's one inbox store, and its counts. */
import { Inbox } from "@client/inbox";
import { useSyncExternalStore } from "react";
import { stream } from "../live";
import { http } from "../session";

export const inbox = new Inbox(http, stream);

export const useCounts = () => useSyncExternalStore(inbox.subscribe, inbox.counts);

/** Numbers beyond this say nothing more. */
const MOST = 99;

/** "3", "99+", or nothing. */
export const badgeText = (n: number): string => (n > MOST ? `${MOST}+` : n > 0 ? String(n) : "");
