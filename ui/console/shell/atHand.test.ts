import { expect, it } from "vitest";
import { rooms } from "../rooms";
import { may, type Session } from "../session";
import { atHand } from "./atHand";

const seenBy = (...scopes: string[]) => rooms.filter((room) => room.nav && may({ scopes } as unknown as Session, room.scope));
const paths = (some: typeof rooms) => some.map((room) => room.paths[0]);

it("gives an operator the rooms of a day's work, and loses none", () => {
  const seen = seenBy("admin");
  const { near, rest } = atHand(seen);
  expect(paths(near)).toEqual(["/inbox", "/history", "/ops", "/ops/configs"]);
  expect([...paths(near), ...paths(rest)].toSorted()).toEqual(paths(seen).toSorted());
});

it("fills the places of somebody who sees few", () => {
  expect(paths(atHand(seenBy("inbox")).near)).toEqual(["/inbox", "/history", "/settings"]);
  expect(atHand(seenBy("inbox")).rest).toEqual([]);
});
