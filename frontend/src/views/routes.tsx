import type { ComponentType } from "react";
import type { Me } from "../session/session";
import { pageOf } from "./code";

export type ViewName = Me["views"][number];

/** A view of the dashboard: its address, its name in the menu, and its code, loaded when it is opened. */
export interface ViewRoute {
  name: ViewName;
  label: string;
  /** It answers `/<name>/*` and has routes of its own below. */
  page: ComponentType;
}

export const VIEWS: readonly ViewRoute[] = [
  { name: "executive", label: "Executive", page: pageOf("executive") },
  { name: "analyst", label: "Analyst", page: pageOf("analyst") },
  { name: "oncall", label: "On call", page: pageOf("oncall") },
  { name: "compliance", label: "Compliance", page: pageOf("compliance") },
  { name: "surveillance", label: "Surveillance", page: pageOf("surveillance") },
];
