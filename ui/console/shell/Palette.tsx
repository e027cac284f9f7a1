/** The command palette: rooms, what the registry of shortcuts can do here, and notices that match. */
import { groupBy } from "@shared/group";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type KeyboardEvent, useDeferredValue, useId, useState } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import { Keys, Severity } from "../kit";
import { useLocale, useText } from "../language";
import { rooms } from "../rooms";
import { http, may, type Session } from "../session";
import { text } from "./keyboardMessages";
import { shortcuts } from "./keys";
import styles from "./Palette.module.css";

interface Command {
  id: string;
  group: string;
  label: string;
  keys?: string;
  severity?: string;
  act: () => void;
}

interface Found {
  items: { id: string; title: string; key: string | null; alert: string; severity: string }[];
}

const NOTICES = 6;

export default function Palette({ session, onClose }: { session: Session; onClose: () => void }) {
  const t = useText(text);
  const list = useId();
  const [asked, setAsked] = useState("");
  const [at, setAt] = useState(0);
  const commands = useCommands(session, asked);
  const chosen = commands[Math.min(at, commands.length - 1)];
  const run = (command: Command | undefined) => {
    onClose();
    command?.act();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && commands.length) setAt((Math.min(at, commands.length - 1) + step + commands.length) % commands.length);
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) run(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <ModalOverlay isOpen isDismissable onOpenChange={onClose} className={styles.veil}>
      <Modal className={styles.modal}>
        <Dialog aria-label={t("palette")} className={styles.dialog}>
          <input
            autoFocus
            role="combobox"
            aria-expanded
            aria-controls={list}
            aria-activedescendant={chosen ? `${list}-${chosen.id}` : undefined}
            aria-label={t("ask")}
            placeholder={t("ask")}
            className={styles.input}
            value={asked}
            onChange={(event) => {
              setAsked(event.target.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
          />
          <div role="listbox" id={list} aria-label={t("palette")} className={styles.list}>
            {[...groupBy(commands, (one) => one.group)].map(([group, some]) => (
              <div key={group} role="group" aria-label={group}>
                <div className={styles.group} aria-hidden>
                  {group}
                </div>
                {some.map((one) => (
                  <Option key={one.id} id={`${list}-${one.id}`} command={one} isChosen={one === chosen} onRun={run} />
                ))}
              </div>
            ))}
          </div>
          <p role="status" className={commands.length ? "visually-hidden" : styles.none}>
            {t("results", { n: commands.length })}
          </p>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface OptionProps {
  id: string;
  command: Command;
  isChosen: boolean;
  onRun: (command: Command) => void;
}

function Option({ id, command, isChosen, onRun }: OptionProps) {
  const show = (element: HTMLElement | null) => {
    if (isChosen) element?.scrollIntoView({ block: "nearest" });
  };
  return (
    <div id={id} ref={show} role="option" aria-selected={isChosen} className={styles.option} onClick={() => onRun(command)}>
      {command.severity && <Severity value={command.severity} iconOnly />}
      <span className={styles.label}>{command.label}</span>
      {command.keys && <Keys combo={command.keys} />}
    </div>
  );
}

function useCommands(session: Session, asked: string): Command[] {
  const words = asked.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (command: Command) => words.every((word) => `${command.label} ${command.group}`.toLowerCase().includes(word));
  const [acts] = useState(() => shortcuts().filter((one) => one.isCommand));
  const t = useText(text);
  const fixed = [
    ...useRooms(session),
    ...acts.map((one) => ({ id: `act-${one.keys}`, group: t("acts"), label: one.label, keys: one.keys, act: one.act })),
  ];
  return [...fixed.filter(matches), ...useNotices(session, asked.trim())];
}

function useRooms(session: Session): Command[] {
  const t = useText(text);
  const locale = useLocale();
  const router = useRouter();
  return rooms.flatMap(({ nav, paths: [path], scope }) =>
    nav && may(session, scope)
      ? [
          {
            id: `room-${path}`,
            group: t("rooms"),
            label: nav.label[locale],
            ...(nav.key ? { keys: `g ${nav.key}` } : {}),
            act: () => void router.navigate({ to: path }),
          },
        ]
      : [],
  );
}

/** The person's own notices that hold the words. */
function useNotices(session: Session, asked: string): Command[] {
  const t = useText(text);
  const router = useRouter();
  const q = useDeferredValue(asked);
  const { data } = useQuery({
    queryKey: ["palette", q],
    queryFn: ({ signal }) => http.get<Found>("/api/v1/inbox", { q, limit: NOTICES }, signal),
    enabled: q.length > 1 && session.recipient !== null,
    staleTime: 5_000,
  });
  if (q.length < 2) return [];
  return (data?.items ?? []).map((one) => ({
    id: `notice-${one.id}`,
    group: t("notices"),
    label: one.title || one.key || one.alert,
    severity: one.severity,
    act: () => void router.navigate({ to: "/n/$id", params: { id: one.id } }),
  }));
}
