import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { IconButton, Time } from "../../kit";
import { useText } from "../../language";
import { text } from "./messages";
import styles from "./operate.module.css";

type List = Pick<UseInfiniteQueryResult, "dataUpdatedAt" | "isRefetching" | "refetch">;

/** As of when a list is the truth, and a way to look again. */
export function Freshness({ list }: { list: List }) {
  const t = useText(text);
  return (
    <p className={styles.freshness}>
      {t("asOf")} <Time value={new Date(list.dataUpdatedAt).toISOString()} show="time" isStatic />
      <IconButton
        label={t("refresh")}
        icon={<RotateCw aria-hidden size={14} />}
        onPress={() => void list.refetch()}
        isPending={list.isRefetching}
      />
    </p>
  );
}
