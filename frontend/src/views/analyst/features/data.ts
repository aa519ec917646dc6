import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../../api/client";

export type Catalogue = Shapes["FeatureCatalogue"];
export type Brief = Shapes["FeatureBrief"];
export type Distribution = Shapes["FeatureDistribution"];
export type Importances = Shapes["FeatureImportances"];

export function useCatalogue(project: string) {
  return useQuery({
    queryKey: ["analyst", "features", project],
    queryFn: () => body(api.GET("/api/analyst/features/{project}", { params: { path: { project } } })),
    staleTime: 60_000,
  });
}

/** What the model leaned on; measured when it is first asked for. */
export function useImportances(project: string) {
  return useQuery({
    queryKey: ["analyst", "importance", project],
    queryFn: () =>
      body(api.GET("/api/analyst/features/{project}/importance", { params: { path: { project } } })),
    staleTime: 600_000,
  });
}

export function useValues(project: string, feature: string, symbol: string) {
  return useQuery({
    queryKey: ["analyst", "feature-values", project, feature, symbol],
    queryFn: () =>
      body(
        api.GET("/api/analyst/features/{project}/values/{feature}", {
          params: { path: { project, feature }, query: { symbol } },
        }),
      ),
    enabled: feature !== "" && symbol !== "",
    placeholderData: keepPreviousData,
    staleTime: 600_000,
  });
}

export function useDistribution(project: string, feature: string) {
  return useQuery({
    queryKey: ["analyst", "distribution", project, feature],
    queryFn: () =>
      body(
        api.GET("/api/analyst/features/{project}/distribution/{feature}", {
          params: { path: { project, feature } },
        }),
      ),
    enabled: feature !== "",
    placeholderData: keepPreviousData,
    staleTime: 600_000,
  });
}
