import { useDebouncedValue, useThrottledValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body } from "../../../api/client";
import type { Asked } from "../why/asked";
import type { Changes } from "./changes";

const EVERY = 60;
const SETTLED = 250;

/**
 * The model, run on the changes while they are made: at most every 60 ms, an older run is given up for a newer one. What
 * a change is due to takes more runs, and is asked for once the hand rests.
 */
export function useRun(asked: Asked, changes: Changes) {
  const now = useThrottledValue(changes, EVERY);
  const settled = useDebouncedValue(changes, SETTLED)[0];
  const changed = (one: Changes) => Object.keys(one.values).length + one.scenarios.length > 0;
  const run = (one: Changes, due: boolean) => ({
    queryKey: ["what-if", "move", asked, one, due],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      body(
        api.POST("/api/analyst/what-if/move", {
          body: { ...asked, values: one.values, scenarios: [...one.scenarios], due },
          signal,
        }),
      ),
    enabled: changed(one),
    gcTime: 10_000,
    staleTime: 60_000,
    retry: false,
    placeholderData: keepPreviousData,
  });
  return {
    moving: useQuery(run(now, false)),
    rested: useQuery(run(settled, true)),
    changed: changed(changes),
    resting: settled === changes,
  };
}
