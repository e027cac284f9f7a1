import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nProvider, RouterProvider as LinkRouter } from "react-aria-components";
import { LanguageProvider, useLocale } from "./language";
import { router } from "./router";
import { queries, sessionQuery } from "./session";
import "./tokens.css";
import "./base.css";

function Console() {
  const locale = useLocale();
  return (
    <I18nProvider locale={locale === "ru" ? "ru-RU" : "en-US"}>
      <LinkRouter navigate={(href) => router.history.push(href)}>
        <RouterProvider router={router} />
      </LinkRouter>
    </I18nProvider>
  );
}

void queries.prefetchQuery(sessionQuery); // on its way while the page is drawn

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <LanguageProvider>
        <Console />
      </LanguageProvider>
    </QueryClientProvider>
  </StrictMode>,
);
