import { queryOptions } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../api/client";

export type Summary = Shapes["ExecutiveSummary"];

/** The question for what the model of a project says. */
export const summaryOf = (project: string) =>
  queryOptions({
    queryKey: ["executive", project],
    queryFn: () => body(api.GET("/api/executive/summary/{project}", { params: { path: { project } } })),
  });

/** The question for which model is in service. */
export const inServiceOf = (project: string) =>
  queryOptions({
    queryKey: ["executive", "champion", project],
    queryFn: () => body(api.GET("/api/executive/champion/{project}", { params: { path: { project } } })),
  });
