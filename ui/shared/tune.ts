/** The sounds of notices, made on the spot: no files. A browser plays nothing on a page that nobody has touched yet. */

/** A burst of notices is one sound. */
const BETWEEN_MS = 3_000;
const ATTACK_SECONDS = 0.01;
/** Frequency in hertz, start and length in seconds. */
export type Note = readonly [hertz: number, start: number, length: number];
/** The worse, the more notes and the higher. */
export const GRAVE: Record<string, readonly Note[]> = {
  critical: [[880, 0, 0.14], [660, 0.16, 0.14], [880, 0.32, 0.14], [660, 0.48, 0.2]],
  error: [[740, 0, 0.16], [554, 0.18, 0.24]],
}; // prettier-ignore

let context: AudioContext | undefined;
let playedAt = -Infinity;

/** Whether there was a sound a moment ago. */
export const justPlayed = (): boolean => performance.now() - playedAt < BETWEEN_MS;

/** `volume` is from 0 to 1. false: the browser holds sounds back. */
export function playTune(notes: readonly Note[], volume: number): boolean {
  if (!navigator.userActivation?.hasBeenActive) return false;
  context ??= new AudioContext();
  void context.resume(); // it may sleep since the page was in the background
  playedAt = performance.now();
  for (const note of notes) playNote(context, note, volume);
  return true;
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
