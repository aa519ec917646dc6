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

export const VIEWS: readonly ViewRoute[] = [
  { name: "executive", label: "Executive", page: lazy(() => import("./executive")) },
  { name: "analyst", label: "Analyst", page: lazy(() => import("./analyst")) },
  { name: "oncall", label: "On call", page: lazy(() => import("./oncall")) },
  { name: "compliance", label: "Compliance", page: lazy(() => import("./compliance")) },
  { name: "surveillance", label: "Surveillance", page: lazy(() => import("./surveillance")) },
];
