import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { Me } from "../session/session";

export type ViewName = Me["views"][number];

/** A view of the dashboard: its address, its name in the menu, and its code, loaded when it is opened. */
export interface ViewRoute {
  name: ViewName;
  label: string;
  /** It answers `/<name>/*` and has routes of its own below. */
  page: LazyExoticComponent<ComponentType>;
}

const PAGES = import.meta.glob(["./*/index.tsx", "./*/*/index.tsx"]);

/** Fetch the code of a page before it is shown: of its view, and of the page within the view. */
export function fetchPage(path: string): void {
  const [view, page] = path.split("/").filter(Boolean);
  const wanted = [`./${view}/index.tsx`, `./${view}/${page ?? FIRST[view ?? ""]}/index.tsx`];
  // What cannot be fetched now is fetched when it is shown, and told of then.
  for (const one of wanted) PAGES[one]?.().catch(() => undefined);
}

/** The page that a view opens with, where it has several. */
const FIRST: Record<string, string> = {
  analyst: "market",
  oncall: "health",
  compliance: "models",
  surveillance: "queue",
};

export const VIEWS: readonly ViewRoute[] = [
  { name: "executive", label: "Executive", page: lazy(() => import("./executive")) },
  { name: "analyst", label: "Analyst", page: lazy(() => import("./analyst")) },
  { name: "oncall", label: "On call", page: lazy(() => import("./oncall")) },
  { name: "compliance", label: "Compliance", page: lazy(() => import("./compliance")) },
  { name: "surveillance", label: "Surveillance", page: lazy(() => import("./surveillance")) },
];
