import { keepPreviousData, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, body, type Shapes } from "../../../api/client";
import { useUrlState } from "../../../parts/url-state";

export type Overview = Shapes["MarketOverview"];
export type SymbolRow = Shapes["MarketSymbol"];
export type Bars = Shapes["SymbolBars"];

/** The question for the symbols of a project; they change only when the project is made anew. */
export const overviewOf = (project: string) =>
  queryOptions({
    queryKey: ["analyst", "market", project],
    queryFn: () => body(api.GET("/api/analyst/market/{project}", { params: { path: { project } } })),
    staleTime: 60_000,
  });

/** The question for the bars of a symbol with its forecasts. */
export const symbolBarsOf = (project: string, symbol: string) =>
  queryOptions({
    queryKey: ["analyst", "bars", project, symbol],
    queryFn: () =>
      body(api.GET("/api/analyst/market/{project}/bars/{symbol}", { params: { path: { project, symbol } } })),
    staleTime: 60_000,
    gcTime: 120_000,
  });

/** The symbols of a project. */
export function useOverview(project: string) {
  return useQuery(overviewOf(project));
}

/** The bars of a symbol with its forecasts; those of the symbol before it until they are there. */
export function useBars(project: string, symbol: string) {
  return useQuery({
    ...symbolBarsOf(project, symbol),
    enabled: symbol !== "",
    placeholderData: keepPreviousData,
  });
}

/** The symbol that is shown: the one that is named where the project has it, else its first. */
export function shownOf(symbols: readonly { symbol: string }[], named: string): string {
  return symbols.some((one) => one.symbol === named) ? named : (symbols[0]?.symbol ?? "");
}

/** The symbol that is shown, named in the address. */
export function useSymbol(symbols: readonly { symbol: string }[]): [string, (symbol: string) => void] {
  const [named, choose] = useUrlState("symbol");
  return [shownOf(symbols, named), choose];
}

/** Ask for the bars of a symbol that is likely to be chosen next. */
export function useNear(project: string): (symbol: string) => void {
  const client = useQueryClient();
  return useCallback((symbol) => void client.prefetchQuery(symbolBarsOf(project, symbol)), [client, project]);
}

/** The symbols beside the one shown, the next one first. */
export function besides(symbols: readonly { symbol: string }[], symbol: string): string[] {
  const at = symbols.findIndex((one) => one.symbol === symbol);
  if (at < 0) return [];
  const found = [1, -1, 2].map((by) => symbols[(at + by + symbols.length) % symbols.length]?.symbol);
  return [...new Set(found)].filter((one): one is string => one !== undefined && one !== symbol);
}
