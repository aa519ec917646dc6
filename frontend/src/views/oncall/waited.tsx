import { Progress, Stack, Text } from "@mantine/core";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, body } from "../../api/client";
import { count } from "../../parts/format";
import { Loaded } from "../../parts/states";

const SAYS = {
  drift: "Sessions of the journal are counted against the references",
  diagnosis: "Slices of the journal are read, then causes are weighed",
} as const;

/** As {@link Loaded}, for what the server is at for long: how far it is. What it worked out is kept. */
export function Waited<T>({
  query,
  what,
  height,
  children,
}: {
  query: UseQueryResult<T>;
  what: keyof typeof SAYS;
  height: number;
  children: (data: T) => ReactNode;
}) {
  const waiting = query.isPending && query.isFetching;
  const work = useQuery({
    queryKey: ["oncall", "progress"],
    queryFn: () => body(api.GET("/api/oncall/progress")),
    enabled: waiting,
    refetchInterval: 1_000,
    gcTime: 0,
  });
  const going = work.data?.find((one) => one.what === what);
  return (
    <Stack gap="xs">
      {waiting && going && (
        <div role="status">
          <Text size="sm">
            {SAYS[what]}: {count(going.done)} of {count(going.of)}. The answer is kept until the journal
            grows.
          </Text>
          <Progress value={(100 * going.done) / going.of} aria-label="How far the server is" mt={4} />
        </div>
      )}
      <Loaded query={query} height={height}>
        {children}
      </Loaded>
    </Stack>
  );
}
