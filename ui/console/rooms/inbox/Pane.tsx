/** The notice that is being read, beside the list or over it. */
import { ArrowLeft, ChevronDown, ChevronUp } from "lucide-react";
import { Suspense, useEffect, useRef } from "react";
import { Button, IconButton } from "../../kit";
import { useText } from "../../language";
import { part } from "../../parts";
import { text } from "./messages";
import styles from "./Pane.module.css";

const NoticeView = part(() => import("../notice/NoticeView").then((file) => ({ default: file.NoticeView })));

export interface PaneProps {
  id: string;
  onBack: () => void;
  /** Read the next or the previous one of the list. */
  onTurn: (step: 1 | -1) => void;
}

/** Below this the pane covers the list: then the focus comes along. */
const COVERS = "(width < 1024px)";

export function Pane({ id, onBack, onTurn }: PaneProps) {
  const t = useText(text);
  const pane = useRef<HTMLElement>(null);
  useEffect(() => {
    if (matchMedia(COVERS).matches) pane.current?.focus({ preventScroll: true });
    pane.current?.scrollTo({ top: 0 });
  }, [id]);
  return (
    <section ref={pane} className={styles.pane} aria-label={t("reading")} data-region tabIndex={-1}>
      <div className={styles.head}>
        <Button variant="quiet" size="small" icon={<ArrowLeft size={14} aria-hidden />} shortcut="Escape" onPress={onBack}>
          {t("back")}
        </Button>
        <span className={styles.turn}>
          <IconButton label={t("keyPreviousOpen")} shortcut="[" icon={<ChevronUp size={16} aria-hidden />} onPress={() => onTurn(-1)} />
          <IconButton label={t("keyNextOpen")} shortcut="]" icon={<ChevronDown size={16} aria-hidden />} onPress={() => onTurn(1)} />
        </span>
      </div>
      <Suspense>
        <div className={styles.notice}>
        <NoticeView key={id} id={id} level={2} />
      </div>
      </Suspense>
    </section>
  );
}
