/** Stacked bars over time. The canvas says nothing by itself: beside it stand a sentence, a cursor for the arrow keys
 * whose bucket is told in words, and the same figures as a table. */
import { formatTime } from "@shared/time";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useChoice } from "../../choices";
import { useLocale, useText } from "../../language";
import { text } from "./messages";
import styles from "./overview.module.css";
import { drawing } from "./drawing";
import { type Buckets, type Line, moved } from "./series";
import { useScheme } from "./scheme";
import { useBucketName } from "./words";

export interface PlotProps {
  label: string;
  /** The id of the sentence that sums it up. */
  describedBy: string;
  buckets: Buckets;
  lines: readonly Line[];
}

export default function Plot({ label, describedBy, buckets, lines }: PlotProps) {
  const t = useText(text);
  const [at, setAt] = useState<number | null>(null);
  const [legend, setLegend] = useState<HTMLUListElement | null>(null);
  const { setPlace, point } = usePlot(buckets, lines, legend, setAt);
  const bucketName = useBucketName(buckets);
  const onKey = (event: KeyboardEvent) => {
    const next = moved(at, event.key, buckets.starts.length);
    if (next === null) return;
    event.preventDefault();
    setAt(next);
    point(next);
  };
  const shown = lines.filter((line) => at !== null && (line.counts[at] ?? 0) > 0);
  return (
    <>
      <div
        ref={setPlace}
        className={styles.plot}
        role="group"
        aria-roledescription={t("plot")}
        aria-label={label}
        aria-describedby={describedBy}
        tabIndex={0}
        onKeyDown={onKey}
      />
      <output className={styles.readout} aria-live="polite">
        {at === null ? (
          <span className={styles.said}>{t("hint")}</span>
        ) : (
          <>
            <strong>{bucketName(at)}</strong>{" "}
            {shown.length ? shown.map((line) => `${line.label} ${line.counts[at]}`).join(" · ") : t("bucketNone")}
          </>
        )}
      </output>
      <ul ref={setLegend} className={styles.legend}>
        {lines.map((line) => (
          <li key={line.id}>
            <span className={[styles.swatch, styles[line.id]].join(" ")} aria-hidden />
            {line.label}
          </li>
        ))}
      </ul>
    </>
  );
}

/** The canvas in its place: made anew for other figures, colours, words or zones; `point` moves the cursor. */
function usePlot(
  buckets: Buckets,
  lines: readonly Line[],
  legend: HTMLUListElement | null,
  onPoint: (at: number | null) => void,
) {
  const [place, setPlace] = useState<HTMLDivElement | null>(null);
  const plot = useRef<uPlot | null>(null);
  const scheme = useScheme();
  const locale = useLocale();
  const zone = useChoice("timeZone");
  useEffect(() => {
    if (!place || !legend) return;
    const format = (at: number, shape: "day" | "time") =>
      shape === "day" ? shortDay(at, locale, zone) : formatTime(at, locale, zone, "time").replace(/:\d\d(?=$|\s)/, "");
    const { options, data } = drawing({ buckets, lines, colours: coloursOf(legend), page: place, format, onPoint });
    const made = new uPlot({ ...options, width: place.clientWidth }, data, place);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: place.clientWidth, height: options.height }));
    watch.observe(place);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [place, legend, buckets, lines, scheme, locale, zone, onPoint]);
  const point = (at: number) => {
    const made = plot.current;
    const x = made?.data[0][at];
    if (made && x !== undefined) made.setCursor({ left: made.valToPos(x, "x"), top: 0 }, false);
  };
  return { setPlace, point };
}

/** The colours stand in the sheet, one for each scheme; the legend wears them. */
function coloursOf(legend: HTMLUListElement): string[] {
  return [...legend.querySelectorAll("span")].map((swatch) => getComputedStyle(swatch).backgroundColor);
}

function shortDay(at: number, locale: string, zone: string): string {
  const day = { day: "numeric", month: "short", ...(zone === "local" ? {} : { timeZone: zone }) } as const;
  return new Intl.DateTimeFormat(locale, day).format(at);
}
