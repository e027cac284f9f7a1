/** Addresses → rooms. All state of a list stands in the search part, as plain text. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Navigate, Outlet } from "@tanstack/react-router";
import { room as code } from "./parts";
import { HOME, rooms } from "./rooms";
import { NotFound } from "./shell/NotFound";
import { RoomError } from "./shell/RoomError";
import { Shell } from "./shell/Shell";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const inside = createRoute({ getParentRoute: () => root, id: "inside", component: Shell });
const home = createRoute({ getParentRoute: () => root, path: "/", component: () => <Navigate to={HOME} replace /> });

function routesOf(open: boolean) {
  return rooms
    .filter((room) => Boolean(room.open) === open)
    .flatMap((room) =>
      room.paths.map((path) => {
        const route = createRoute({
          getParentRoute: () => (open ? root : inside),
          path,
          component: lazyRouteComponent(code(room.load)),
          errorComponent: RoomError,
        });
        return route.addChildren((room.inside ?? []).map((below) => createRoute({ getParentRoute: () => route, path: below })));
      }),
    );
}

const parseSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));

function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}

export const router = createRouter({
  routeTree: root.addChildren([home, inside.addChildren(routesOf(false)), ...routesOf(true)]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  scrollRestoration: true,
});
