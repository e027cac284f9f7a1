/** The filter in force as a file; it says how far it is, and can be stopped. */
import { Download } from "lucide-react";
import { useRef, useState } from "react";
import { Button, Menu } from "../../kit";
import { useText } from "../../language";
import { asText, collect, type Format, MOST, save } from "./export";
import styles from "./HistoryRoom.module.css";
import { text } from "./messages";
import type { Source } from "./source";

export function ExportMenu({ source }: { source: Source }) {
  const t = useText(text);
  const [said, setSaid] = useState<string | null>(null);
  const [isRunning, setRunning] = useState(false);
  const running = useRef<AbortController | null>(null);
  const run = async (format: Format) => {
    const { signal } = (running.current = new AbortController());
    setRunning(true);
    setSaid(t("exporting", { n: 0 }));
    try {
      const items = await collect(source, (n) => setSaid(t("exporting", { n })), signal);
      save(asText(items, format), format);
      setSaid(items.length >= MOST ? t("exportedMost", { n: MOST }) : t("exported", { n: items.length }));
    } catch (problem) {
      setSaid(signal.aborted ? null : t("exportFailed", { reason: (problem as Error).message }));
    } finally {
      setRunning(false);
    }
  };
  return (
    <div className={styles.export}>
      <span role="status">{said}</span>
      {isRunning ? (
        <Button onPress={() => running.current?.abort()}>{t("cancel")}</Button>
      ) : (
        <Menu
          label={t("export")}
          trigger={<Button icon={<Download size={14} aria-hidden />}>{t("export")}</Button>}
          items={[
            { id: "csv", label: t("exportCsv"), onAction: () => void run("csv") },
            { id: "json", label: t("exportJson"), onAction: () => void run("json") },
          ]}
        />
      )}
    </div>
  );
}
