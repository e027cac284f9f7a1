/** What the operators' rooms ask the services for. Everything here is asked again by itself, calmly. */
import type { components } from "@client/generated/api";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { LATER_MS, listQuery } from "../../ask";
import { http } from "../../session";

type Schemas = components["schemas"];
export type ListedMessage = Schemas["ListedMessage"];
export type Message = Schemas["MessageView"];
export type Attempt = Schemas["AttemptView"];
export type MessageStatus = ListedMessage["status"];
export type ReplayPlan = Schemas["ReplayPlan"];
export type Channel = Schemas["ChannelView"];
export type TrialResult = Schemas["TrialResult"];
export type Overview = Schemas["Overview"];
export type AlertSeries = Schemas["AlertSeries"];
export type ServiceReport = Schemas["ServiceReport"];

/** Which messages; what is not given does not narrow. */
export interface MessageChoice {
  status?: MessageStatus;
  channel?: string;
  notice?: string;
  q?: string;
  since?: string;
}

/** A piece of time, and how long its buckets are. */
export interface Window {
  since: string;
  until: string;
  step: string;
}

const PAGE = 50;
const OVERVIEW_MS = 30_000;
const DELIVERY_MS = 1_500;

/** `choose` gets the moment of asking: "the last hour" moves on. */
export const messagesQuery = (address: unknown, choose: (now: number) => MessageChoice) => ({
  ...listQuery<ListedMessage>(["messages", address], "/api/v1/messages", PAGE, () => ({ ...choose(Date.now()) })),
  placeholderData: keepPreviousData,
});

/** Asked often until it has ended. */
export const messageQuery = (id: string) =>
  queryOptions({
    queryKey: ["message", id],
    queryFn: ({ signal }) => http.get<Message>(`/api/v1/messages/${encodeURIComponent(id)}`, {}, signal),
    refetchInterval: ({ state }) => (state.data && isOver(state.data.status) ? false : DELIVERY_MS),
  });

const isOver = (status: MessageStatus): boolean => status === "sent" || status === "dead";

export const channelsQuery = queryOptions({
  queryKey: ["channels"],
  queryFn: ({ signal }) => http.get<Schemas["Channels"]>("/api/v1/channels", {}, signal),
  refetchInterval: LATER_MS,
});

export const overviewQuery = <Range extends string>(range: Range, window: (range: Range, now: number) => Window) =>
  queryOptions({
    queryKey: ["overview", range],
    queryFn: ({ signal }) => http.get<Overview>("/api/v1/overview", { ...window(range, Date.now()) }, signal),
    refetchInterval: OVERVIEW_MS,
    placeholderData: keepPreviousData,
  });

export const serviceQuery = (name: string) =>
  queryOptions({
    queryKey: ["system", name],
    queryFn: async ({ signal }) => {
      const report = await http.get<ServiceReport>(`/api/v1/system/${name}`, {}, signal);
      return { report, heardAt: Date.now() };
    },
    refetchInterval: LATER_MS,
    retry: false,
  });
