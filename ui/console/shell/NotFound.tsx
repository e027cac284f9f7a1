import { Link } from "@tanstack/react-router";
import { useText } from "../language";
import { text } from "./messages";
import { Page } from "./Page";

export function NotFound() {
  const t = useText(text);
  return (
    <Page title={t("notFoundTitle")} lead={t("notFoundBody")}>
      <Link to="/">{t("home")}</Link>
    </Page>
  );
}
