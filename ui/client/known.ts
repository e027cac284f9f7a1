/** The entries that were heard of, and over them the marks of acts that are on their way. */
import type { Entry, Marks } from "./entries";

export class Known {
  private readonly entries = new Map<string, Entry>();
  private readonly marks = new Map<string, Marks>();
  /** Marked entries: the same objects until something changes. */
  private readonly seen = new Map<string, Entry>();

  /** As it is shown now. */
  entry(id: string): Entry | undefined {
    const base = this.entries.get(id);
    const marks = this.marks.get(id);
    if (!base || !marks) return base;
    const shown = this.seen.get(id) ?? { ...base, ...marks };
    this.seen.set(id, shown);
    return shown;
  }

  learn(entry: Entry): void {
    this.entries.set(entry.id, entry);
    this.seen.delete(entry.id);
  }

  /** What the server tells by itself; answers whether it agrees with the marks, which have arrived then. */
  hear(entry: Entry): boolean {
    const marks = this.marks.get(entry.id);
    const agrees = marks && Object.entries(marks).every(([name, value]) => (entry[name as keyof Marks] === null) === (value === null));
    if (agrees) this.marks.delete(entry.id);
    this.learn(entry);
    return agrees === true;
  }

  /** Lays marks over an entry; answers how it was marked before, undefined when nothing is known of it. */
  mark(id: string, marks: Marks): Marks | undefined {
    const was = this.entry(id);
    if (!was) return undefined;
    this.marks.set(id, { ...this.marks.get(id), ...marks });
    this.seen.delete(id);
    return Object.fromEntries(Object.keys(marks).map((name) => [name, was[name as keyof Marks]]));
  }

  /** The marks of an entry: the same object until others are laid. */
  marked(id: string): Marks | undefined {
    return this.marks.get(id);
  }

  /** Takes the marks away; answers whether there were any. */
  unmark(id: string): boolean {
    this.seen.delete(id);
    return this.marks.delete(id);
  }

  drop(id: string): void {
    this.entries.delete(id);
  }

  clear(): void {
    for (const map of [this.entries, this.marks, this.seen]) map.clear();
  }
}
