/** A room that failed does not take the house down with it. */
import type { ErrorComponentProps } from "@tanstack/react-router";
import { ErrorPanel } from "../kit";
import { useText } from "../language";
import { text } from "./messages";
import { Page } from "./Page";

export function RoomError({ error, reset }: ErrorComponentProps) {
  const t = useText(text);
  return (
    <Page title={t("errorTitle")} lead={t("errorBody")}>
      <ErrorPanel error={error} onRetry={reset} />
    </Page>
  );
}
