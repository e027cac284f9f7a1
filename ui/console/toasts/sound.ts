/**
 * Sounds, made on the spot: no files. Silent until the person switches them on. One in three seconds at most, and in one
 * tab only. A browser plays nothing before it was touched; `blocked` says that it held a sound back for that reason.
 */
import { useSyncExternalStore } from "react";
import { choices } from "../choices";

const BETWEEN_MS = 3_000;
const ATTACK_SECONDS = 0.01;
/** Notes of each severity: frequency in hertz, start and length in seconds. The worse, the more and the higher. */
type Note = readonly [hertz: number, start: number, length: number];
const TUNES: Record<string, readonly Note[]> = {
  critical: [[880, 0, 0.14], [660, 0.16, 0.14], [880, 0.32, 0.14], [660, 0.48, 0.2]],
  error: [[740, 0, 0.16], [554, 0.18, 0.24]],
  warning: [[622, 0, 0.16], [622, 0.22, 0.2]],
  success: [[523, 0, 0.12], [784, 0.13, 0.24]],
  info: [[587, 0, 0.22]],
};

let context: AudioContext | undefined;
let playedAt = -Infinity;
let blocked = false;
const listeners = new Set<() => void>();

/** The sound of a new notice, if it is to be heard. Several at once: the worst is heard. */
export function soundFor(severity: string): void {
  const { sound, soundFor: heard, volume } = choices();
  if (!sound || !heard.includes(severity) || performance.now() - playedAt < BETWEEN_MS) return;
  play(severity, volume);
}

/** Plays at once, as an answer to a click: that also lets the browser play later ones. */
export function sample(severity: string, volume: number): void {
  play(severity, volume);
}

/** After a click, which is all that the browser waited for. */
export function unblock(): void {
  setBlocked(false);
}

function play(severity: string, volume: number): void {
  if (!navigator.userActivation?.hasBeenActive) return setBlocked(true);
  setBlocked(false);
  context ??= new AudioContext();
  void context.resume(); // it may sleep since the page was in the background
  playedAt = performance.now();
  for (const note of TUNES[severity] ?? TUNES.info ?? []) playNote(context, note, volume);
}

function playNote(audio: AudioContext, [hertz, start, length]: Note, volume: number): void {
  const at = audio.currentTime + start;
  const gain = new GainNode(audio, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(volume * 0.5, at + ATTACK_SECONDS);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + length);
  const tone = new OscillatorNode(audio, { frequency: hertz, type: "sine" });
  tone.connect(gain).connect(audio.destination);
  tone.start(at);
  tone.stop(at + length);
}

function setBlocked(next: boolean): void {
  if (blocked === next) return;
  blocked = next;
  for (const listener of listeners) listener();
}

/** Whether the browser held a sound back until it is touched. */
export function useBlockedSound(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => blocked,
  );
}
