/** What the reader has under the pointer or the focus: nothing moves there, and a row that goes hands its focus on. */
export interface ReaderEvents {
  /** Whether what arrives has to wait. */
  hold: (held: boolean) => void;
}

export class Reader {
  private pointed = false;
  /** The row that has the focus: when it goes, the one that takes its place gets it. */
  private at: { id: string; index: number } | undefined;

  constructor(
    private readonly root: () => ShadowRoot,
    private readonly events: ReaderEvents,
  ) {}

  get rows(): HTMLElement[] {
    return [...this.root().querySelectorAll<HTMLElement>("article")];
  }

  get scroller(): HTMLElement | null {
    return this.root().querySelector(".scroll");
  }

  get heading(): HTMLElement | null {
    return this.root().querySelector("h2");
  }

  /** Rows never move under the pointer or the focus, nor while older ones are being read. */
  readonly hold = (): void => {
    this.events.hold(this.pointed || this.at !== undefined || (this.scroller?.scrollTop ?? 0) > 0);
  };

  point(pointed: boolean): void {
    this.pointed = pointed;
    this.hold();
  }

  readonly onFocus = (event: FocusEvent): void => {
    const { rows } = this;
    const index = rows.findIndex((one) => one.contains(event.target as Node));
    const id = rows[index]?.dataset.id;
    this.at = id === undefined ? undefined : { id, index };
    this.hold();
  };

  /** A row that is taken away loses the focus too, but that is not the reader's doing: `keep` has its turn first. */
  readonly onBlur = (): void => {
    const { at } = this;
    queueMicrotask(() => {
      if (this.at !== at || this.scroller?.contains(this.root().activeElement)) return;
      this.at = undefined;
      this.hold();
    });
  };

  /** After the rows were drawn anew. */
  keep(): void {
    const { at, rows } = this;
    if (!at) return;
    const index = rows.findIndex((one) => one.dataset.id === at.id);
    if (index >= 0) {
      at.index = index;
    } else if (!this.root().activeElement) {
      this.at = undefined;
      (rows[Math.min(at.index, rows.length - 1)] ?? this.heading)?.focus();
    }
  }
}
