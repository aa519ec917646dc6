import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../api/client";

const KEY = "surveillance";
export const keys = {
  queue: [KEY, "queue"],
  case: (id: string) => [KEY, "case", id],
  statistics: [KEY, "statistics"],
  cases: [KEY, "case"],
} as const;

/** What changes when somebody does something to a case. */
export const CHANGING = [keys.queue, keys.cases, keys.statistics] as const;

/** The queue; it is asked for again every half minute, for alerts also arrive from other processes. */
export function useQueue(closed: boolean) {
  return useQuery({
    queryKey: [...keys.queue, closed],
    queryFn: () => body(api.GET("/api/surveillance/cases", { params: { query: { closed } } })),
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  });
}

export function useCase(id: string) {
  return useQuery({
    queryKey: keys.case(id),
    queryFn: () => body(api.GET("/api/surveillance/cases/{case}", { params: { path: { case: id } } })),
    refetchInterval: 60_000,
  });
}

/** What the events say of an alert; it changes only with the alert itself. */
export function useEvidence(id: string, alert: string, revision: number) {
  return useQuery({
    queryKey: [KEY, "evidence", id, alert, revision],
    queryFn: () =>
      body(
        api.GET("/api/surveillance/cases/{case}/alerts/{alert}/evidence", {
          params: { path: { case: id, alert } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: alert !== "",
  });
}

export function useStretch(id: string, alert: string, revision: number, at: number | null) {
  return useQuery({
    queryKey: [KEY, "replay", id, alert, revision, at],
    queryFn: () =>
      body(
        api.GET("/api/surveillance/cases/{case}/alerts/{alert}/replay", {
          params: { path: { case: id, alert }, query: at === null ? {} : { at } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 120_000,
    placeholderData: (before) => before,
  });
}

export type Order = Shapes["CaseOrder"];
export type OrderGiven = Partial<Order> & Pick<Order, "doing">;

/** Do something to a case; the answer is the case as it is afterwards. */
export function useAct(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (order: OrderGiven) =>
      body(
        api.POST("/api/surveillance/cases/{case}/acts", {
          params: { path: { case: id } },
          body: { text: "", reason: "", outcome: "", analyst: "", exceptions: [], ...order },
        }),
      ),
    onSuccess: (now) => {
      client.setQueryData(keys.case(id), now);
      void client.invalidateQueries({ queryKey: keys.queue });
      void client.invalidateQueries({ queryKey: keys.statistics });
    },
  });
}

/** Take up or give away several cases at once. */
export function useBulk() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ cases, analyst }: { cases: string[]; analyst?: string }) =>
      analyst
        ? body(api.POST("/api/surveillance/cases/assign", { body: { cases, analyst } }))
        : body(api.POST("/api/surveillance/cases/take", { body: { cases } })),
    onSuccess: () => {
      for (const queryKey of CHANGING) void client.invalidateQueries({ queryKey: [...queryKey] });
    },
  });
}
