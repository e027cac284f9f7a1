/** The keys that work in every room, the sheet that shows all keys, and the command palette. */
import { useRouter } from "@tanstack/react-router";
import { Suspense, useEffect, useState } from "react";
import { useLocale, useText } from "../language";
import { part } from "../parts";
import { rooms } from "../rooms";
import { may, type Session } from "../session";
import { text } from "./keyboardMessages";
import { onKey, type Shortcut, useShortcuts } from "./keys";
import { cycleRegion, rememberFocus } from "./regions";

const KeySheet = part(() => import("./KeySheet"));
const Palette = part(() => import("./Palette"));

export function Keyboard({ session }: { session: Session }) {
  const t = useText(text);
  const [open, setOpen] = useState<"sheet" | "palette" | null>(null);
  const close = () => setOpen(null);
  const group = t("everywhere");
  useShortcuts([
    { keys: "Mod+K", label: t("palette"), group, act: () => setOpen("palette"), inFields: true },
    { keys: "?", label: t("sheet"), group, act: () => setOpen("sheet"), isCommand: true },
    { keys: "F6", label: t("nextRegion"), group, act: () => cycleRegion(1), inFields: true },
    { keys: "Shift+F6", label: t("previousRegion"), group, act: () => cycleRegion(-1), inFields: true },
  ]);
  useShortcuts(useRoomKeys(session));
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    document.addEventListener("focusin", rememberFocus);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("focusin", rememberFocus);
    };
  }, []);
  return (
    <Suspense>
      {open === "sheet" && <KeySheet onClose={close} />}
      {open === "palette" && <Palette session={session} onClose={close} />}
    </Suspense>
  );
}

/** `g` and then the key of a room. */
function useRoomKeys(session: Session): Shortcut[] {
  const t = useText(text);
  const locale = useLocale();
  const router = useRouter();
  return rooms.flatMap(({ nav, paths: [path], scope }) =>
    nav?.key && may(session, scope)
      ? [{ keys: `g ${nav.key}`, label: nav.label[locale], group: t("go"), act: () => void router.navigate({ to: path }) }]
      : [],
  );
}
