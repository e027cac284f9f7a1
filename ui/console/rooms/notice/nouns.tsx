/** Where the nouns of a notice lead. */
import type { ReactNode } from "react";
import { Link } from "../../kit";
import { useText } from "../../language";
import { may, type Session } from "../../session";
import { text } from "./messages";
import type { Trail } from "./useNotice";

const query = (values: Record<string, string>) => `?${new URLSearchParams(values)}`;

export const alertLink = (alert: string): string => `/inbox${query({ view: "all", alert })}`;
export const entityLink = ({ topic, key }: { topic: string; key: string }): string => `/inbox${query({ view: "all", topic, entity: key })}`;
export const configLink = (id: string): string => `/ops/configs/${encodeURIComponent(id)}`;
const personLink = (id: string): string => `/ops/recipients/${encodeURIComponent(id)}`;
export const messageLink = (id: string): string => `/ops/deliveries/${encodeURIComponent(id)}`;

/** Channels as people call them; those of others by their own name. */
const CHANNELS: Record<string, Record<"en" | "ru", string>> = {
  email: { en: "E-mail", ru: "E-mail" },
  telegram: { en: "Telegram", ru: "Telegram" },
  slack: { en: "Slack", ru: "Slack" },
  webhook: { en: "Webhook", ru: "Webhook" },
  panel: { en: "Panel", ru: "Панель" },
};

export const channelName = (channel: string, locale: "en" | "ru"): string => CHANNELS[channel]?.[locale] ?? channel;

/** A person by name, as a link for those who may look people up. */
export function Person({ id, trail, session }: { id: string | null; trail: Trail; session: Session }) {
  const t = useText(text);
  if (id === null) return <>{t("someone")}</>;
  const name = trail.people[id] || id;
  return may(session, "configs:read") && id in trail.people ? <Link href={personLink(id)}>{name}</Link> : <>{name}</>;
}

/** "a, b, c" of nodes. */
export function listed(nodes: readonly ReactNode[]): ReactNode {
  return nodes.map((node, at) => (
    <span key={at}>
      {at > 0 && ", "}
      {node}
    </span>
  ));
}
