import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../../api/client";
import { useUrlState } from "../../../parts/url-state";

export type Overview = Shapes["MarketOverview"];
export type SymbolRow = Shapes["MarketSymbol"];
export type Bars = Shapes["SymbolBars"];

/** The symbols of a project; they change only when the project is made anew. */
export function useOverview(project: string) {
  return useQuery({
    queryKey: ["analyst", "market", project],
    queryFn: () => body(api.GET("/api/analyst/market/{project}", { params: { path: { project } } })),
    staleTime: 60_000,
  });
}

/** The bars of a symbol with its forecasts. */
export function useBars(project: string, symbol: string) {
  return useQuery({
    queryKey: ["analyst", "bars", project, symbol],
    queryFn: () =>
      body(api.GET("/api/analyst/market/{project}/bars/{symbol}", { params: { path: { project, symbol } } })),
    enabled: symbol !== "",
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

/** The symbol that is shown: the one in the address where the project has it, else its first. */
export function useSymbol(symbols: readonly { symbol: string }[]): [string, (symbol: string) => void] {
  const [named, choose] = useUrlState("symbol");
  const there = symbols.some((one) => one.symbol === named);
  return [there ? named : (symbols[0]?.symbol ?? ""), choose];
}
