/** Which rooms stand in the bar of a phone. */
import type { Room } from "../rooms";

/** With “More” five places: 64 px each on the narrowest phone. */
const PLACES = 4;

/** Those marked as near first, then others as they come; what finds no place is the rest. */
export function atHand(rooms: readonly Room[]): { near: readonly Room[]; rest: readonly Room[] } {
  const marked = rooms.filter((room) => room.nav?.isNear);
  const others = rooms.filter((room) => !room.nav?.isNear);
  const chosen = new Set([...marked, ...others].slice(0, PLACES));
  return { near: rooms.filter((room) => chosen.has(room)), rest: rooms.filter((room) => !chosen.has(room)) };
}
