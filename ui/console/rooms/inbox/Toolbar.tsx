/** Above the list: what is shown, how narrowly, and how dense. */
import type { Filter } from "@client/inbox";
import { CirclePause, CirclePlay, Rows2, Rows3 } from "lucide-react";
import type { Ref } from "react";
import { choose } from "../../choices";
import { FilterButton, Narrowed, SearchField, Severities } from "../../filters/Filters";
import { type Search as Asked, VIEWS } from "../../filters/search";
import { IconButton, Menu, type MenuAction, Tabs } from "../../kit";
import { useText } from "../../language";
import { badgeText, useCounts } from "../../unread/store";
import { PHONE, useMedia } from "../../shell/media";
import { text } from "./messages";
import styles from "./Toolbar.module.css";

export interface ToolbarProps {
  filter: Filter;
  search: Asked;
  ignored: readonly string[];
  change: (changes: Asked, options?: { replace?: boolean }) => void;
  isCompact: boolean;
  isLive: boolean;
  onLive: (isLive: boolean) => void;
  everything: readonly MenuAction[];
  searchField: Ref<HTMLInputElement>;
}

export function Toolbar({ filter, search, ignored, change, isCompact, isLive, onLive, everything, searchField }: ToolbarProps) {
  const t = useText(text);
  const { unread, by_severity } = useCounts();
  const isPhone = useMedia(PHONE); // where lines are as long as they can be anyway
  const label = (view: Filter["view"]) => (
    <>
      {t(view)}
      {view === "unread" && unread > 0 && <span className={styles.count}>{badgeText(unread)}</span>}
    </>
  );
  return (
    <div className={styles.toolbar}>
      <div className={`${styles.line} ${styles.top}`}>
        <h1>{t("title")}</h1>
        <Tabs
          label={t("views")}
          value={filter.view}
          onChange={(view) => change({ view: view === "inbox" ? undefined : view })}
          options={VIEWS.map((view) => ({ value: view, label: label(view), content: null }))}
        />
        <span className={styles.buttons}>
          <IconButton
            label={t(isLive ? "liveOn" : "liveOff")}
            icon={isLive ? <CirclePause size={16} aria-hidden /> : <CirclePlay size={16} aria-hidden />}
            onPress={() => onLive(!isLive)}
          />
          {!isPhone && (
            <IconButton
              label={t(isCompact ? "densityComfortable" : "densityCompact")}
              icon={isCompact ? <Rows2 size={16} aria-hidden /> : <Rows3 size={16} aria-hidden />}
              onPress={() => choose("density", isCompact ? "comfortable" : "compact")}
            />
          )}
          <Menu label={t("everything")} items={everything} />
        </span>
      </div>
      <div className={styles.line}>
        <SearchField search={search} change={change} field={searchField} />
        <FilterButton search={search} change={change} />
      </div>
      <Severities value={filter.severity ?? []} change={change} {...(filter.view === "unread" ? { counts: by_severity } : {})} />
      <Narrowed {...{ search, ignored, change }} />
    </div>
  );
}
