/** A room that failed does not take the house down with it. */
import type { ErrorComponentProps } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { EmptyState, ErrorPanel } from "../kit";
import { useText } from "../language";
import { Missing, renew } from "../parts";
import { text } from "./messages";
import { Page } from "./Page";
import { LoadAgain } from "./MissingBar";

export function RoomError({ error, reset }: ErrorComponentProps) {
  const t = useText(text);
  if (error instanceof Missing) return <MissingRoom />;
  return (
    <Page title={t("errorTitle")} lead={t("errorBody")}>
      <ErrorPanel error={error} onRetry={reset} />
    </Page>
  );
}

/** Blank while the page may be loaded anew. */
function MissingRoom() {
  const t = useText(text);
  const [isOver, setOver] = useState(false);
  useEffect(() => void renew().then(() => setOver(true)), []);
  if (!isOver) return null;
  return (
    <Page title={t("errorTitle")}>
      <EmptyState title={t("missing")} action={<LoadAgain />}>
        {t("missingBody")}
      </EmptyState>
    </Page>
  );
}
