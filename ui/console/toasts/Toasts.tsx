/** Toasts of new notices: at the corner of the page, never in the way of the focus, spoken by the page's live regions. */
import { Speaker } from "@client/speaker";
import { type Arrival, type Shown, ToastQueue } from "@client/toasts";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { choices, onChoice } from "../choices";
import { useSeverityWord } from "../kit/Severity";
import { useText } from "../language";
import { stream, useTopic } from "../live";
import type { Session } from "../session";
import { announce } from "../shell/announce";
import { type Entry, Memory, newsOf } from "./arrivals";
import { beSeen, retractFromDesktop, tellDesktop } from "./desktop";
import { text } from "./messages";
import { soundFor } from "./sound";
import { ToastRegion } from "./ToastRegion";

/** Time for a list to show the notice itself. */
const SETTLE_MS = 150;
/** What comes late after a cut is gathered so long. */
const GATHER_MS = 300;

export function Toasts({ session: { recipient } }: { session: Session }) {
  return recipient === null ? null : <ToastsOf recipient={recipient} />;
}

function ToastsOf({ recipient }: { recipient: string }) {
  const router = useRouter();
  const [shown, setShown] = useState<Shown>({ toasts: [], more: 0 });
  const [queue] = useState(() => new ToastQueue({ onChange: setShown, stay: () => choices().toastsStay }));
  const [memory] = useState(() => new Memory());
  const speak = useSpeaker();
  const missed = useMissed(queue);
  usePauses(queue);

  const arrive = (arrival: Arrival) => {
    speak(arrival);
    if (stream.leading) {
      soundFor(arrival.severity);
      void tellDesktop(arrival, () => void router.navigate({ to: "/n/$id", params: { id: arrival.id } }));
    }
    setTimeout(() => {
      if (!canBeSeen(arrival.id)) queue.show(arrival);
    }, SETTLE_MS);
  };
  useTopic("inbox", {
    onSnapshot: (items) => {
      for (const { data } of items) memory.turn((data as unknown as Entry).id, (data as unknown as Entry).severity);
    },
    onEvent: (event, late) => {
      const news = newsOf(event, recipient, memory);
      if (news.kind === "gone") {
        queue.dismiss(news.id);
        retractFromDesktop(news.id);
      } else if (news.kind === "new") {
        if (late) missed(news.arrival);
        else arrive(news.arrival);
      }
    },
  });
  return <ToastRegion shown={shown} queue={queue} />;
}

/** Whether a list or a page shows the notice already: they mark what they show. */
function canBeSeen(id: string): boolean {
  if (document.hidden) return false;
  return [...document.querySelectorAll(`[data-notice-id="${CSS.escape(id)}"]`)].some((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
}

type Heard = Pick<Arrival, "severity" | "title">;

function useSpeaker(): (news: Heard) => void {
  const t = useText(text);
  const word = useSeverityWord();
  const phrase = (news: readonly Heard[]) => {
    const [first] = news;
    if (first && news.length === 1) return t("saidOne", { severity: word(first.severity), title: first.title });
    const critical = news.filter((one) => one.severity === "critical").length;
    return t(critical ? "saidCritical" : "saidMany", { n: news.length, critical });
  };
  const say = useEffectEvent((news: readonly Heard[], urgent: boolean) => announce(phrase(news), urgent ? "assertive" : "polite"));
  const speaker = useRef<Speaker>(null);
  useEffect(() => {
    const one = new Speaker({ say: (news, urgent) => say(news, urgent) });
    speaker.current = one;
    return () => one.stop();
  }, []);
  return (news) => speaker.current?.add(news);
}

/** Late news in one summary. */
function useMissed(queue: ToastQueue): (arrival: Arrival) => void {
  const gathered = useRef<Arrival[]>([]);
  return (arrival) => {
    gathered.current.push(arrival);
    if (gathered.current.length > 1) return;
    setTimeout(() => queue.missed(gathered.current.splice(0)), GATHER_MS);
  };
}

/** Nobody misses a toast because the page was in the background. */
function usePauses(queue: ToastQueue): void {
  useEffect(() => {
    const look = () => (document.hidden ? queue.pause("hidden") : queue.resume("hidden"));
    look();
    document.addEventListener("visibilitychange", look);
    const unseen = beSeen();
    let stays = choices().toastsStay;
    const forget = onChoice(() => {
      if (choices().toastsStay === stays) return;
      stays = choices().toastsStay;
      queue.reconsider();
    });
    return () => {
      document.removeEventListener("visibilitychange", look);
      unseen();
      forget();
      queue.stop();
    };
  }, [queue]);
}
