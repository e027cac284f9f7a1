/** What the figures of a channel mean. */
import type { Channel } from "../operate/api";

export type Health = "working" | "failing" | "idle" | "off";

/** Below this share of attempts that went well something is wrong. */
const GOOD_SHARE = 0.9;

/** One failure after a thousand successes is no trouble; a failure after the last success of few is. */
export function healthOf(channel: Pick<Channel, "configured" | "recent">): Health {
  if (!channel.configured) return "off";
  const { success_rate } = channel.recent;
  if (success_rate === null || success_rate === undefined) return "idle";
  return success_rate < GOOD_SHARE ? "failing" : "working";
}

/** The configs that hand messages to a channel. */
export function usersOf<Config extends { channel: Record<string, unknown> }>(name: string, configs: readonly Config[]): Config[] {
  return configs.filter((config) => name in config.channel);
}

/** What to set in the environment, for the channels that we know. */
export const SET_UP: Record<string, string> = {
  email: "ALERTWRAP_EMAIL__URL=smtp://user:password@mail.example.org:587\nALERTWRAP_EMAIL__FROM=alerts@example.org",
  telegram: "ALERTWRAP_TELEGRAM__TOKEN=123456789:the-token-of-your-bot",
  webhook: 'ALERTWRAP_WEBHOOK__SECRETS="whsec_$(openssl rand -base64 32)"',
};
