/** The pages of the history, and whether there are newer notices than the first of them. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { queries } from "../../session";
import type { Source, Told } from "./source";

const PAGE = 100;
/** Nothing tells of other people's notices by itself: so often is looked for newer ones. */
const LOOK_EVERY_MS = 10_000;

export function useHistory(source: Source) {
  const queryKey = useMemo(() => ["history", source.key], [source.key]);
  const pages = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => source.page(pageParam, PAGE, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before,
    staleTime: Infinity,
  });
  const items = useMemo<readonly Told[]>(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const newest = items[0]?.position ?? 0;
  const head = useQuery({
    queryKey: ["history-head", source.key],
    queryFn: ({ signal }) => source.page(null, 1, signal),
    refetchInterval: LOOK_EVERY_MS,
    staleTime: 0,
    retry: false,
  });
  const hasNewer = !pages.isPlaceholderData && (head.data?.items[0]?.position ?? 0) > newest && !pages.isPending;
  const showNewer = useCallback(() => queries.resetQueries({ queryKey }), [queryKey]);
  return { ...pages, items, hasNewer, showNewer };
}
