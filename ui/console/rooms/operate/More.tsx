import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect, useEffectEvent, useRef } from "react";
import { Button } from "../../kit";
import { useText } from "../../language";
import { text } from "./messages";
import styles from "./operate.module.css";

type List = Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetching" | "isFetchingNextPage" | "isError" | "fetchNextPage">;

/** So near to what is seen the next page is asked for. */
const NEAR = "600px";

/** The end of a list: it grows by itself as one comes near, and by a button; after a failure by the button alone. */
export function More({ list, end = null }: { list: List; end?: ReactNode }) {
  const t = useText(text);
  const place = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetching, isError } = list;
  const isReady = hasNextPage && !isFetching && !isError;
  const grow = useEffectEvent(() => void list.fetchNextPage());
  useEffect(() => {
    if (!isReady || !place.current) return;
    const watcher = new IntersectionObserver(([seen]) => seen?.isIntersecting && grow(), { rootMargin: NEAR });
    watcher.observe(place.current);
    return () => watcher.disconnect();
  }, [isReady]);
  return (
    <div ref={place} className={styles.more}>
      {hasNextPage ? (
        <Button onPress={() => void list.fetchNextPage()} isPending={list.isFetchingNextPage}>
          {t("more")}
        </Button>
      ) : (
        end
      )}
    </div>
  );
}
