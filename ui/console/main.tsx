import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nProvider, RouterProvider as LinkRouter } from "react-aria-components";
import { askedBy } from "./filters/search";
import { LanguageProvider, useLocale } from "./language";
import { HOME } from "./rooms";
import { begin } from "./rooms/inbox/useList";
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

/** What the first picture is made of is asked for at once; so long it is waited for, so that it is drawn once. */
const PATIENCE_MS = 250;

function firstAnswers(): Promise<unknown> {
  const session = queries.prefetchQuery(sessionQuery);
  const { pathname, search } = location;
  if (pathname !== "/" && pathname !== HOME) return session;
  return Promise.all([session, begin(askedBy(Object.fromEntries(new URLSearchParams(search))).filter)]);
}

const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));

void Promise.race([firstAnswers(), patience]).then(() =>
  createRoot(document.getElementById("root") as HTMLElement).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <LanguageProvider>
          <Console />
        </LanguageProvider>
      </QueryClientProvider>
    </StrictMode>,
  ),
);
