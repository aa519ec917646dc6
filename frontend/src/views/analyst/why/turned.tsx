import { Button, List, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../../api/client";
import { count, number, percent } from "../../../parts/format";
import { Loaded } from "../../../parts/states";
import { useUrlFlag } from "../../../parts/url-state";
import type { Asked } from "./asked";

/** What would have turned the forecast: searched when it is asked for, because the model is run thousands of times. */
export function Turned({ asked, probability }: { asked: Asked; probability: number }) {
  const [wanted, want] = useUrlFlag("turned");
  const found = useQuery({
    queryKey: ["why", "turned", asked],
    queryFn: ({ signal }) => body(api.GET("/api/analyst/why/turned", { params: { query: asked }, signal })),
    enabled: wanted,
    staleTime: 300_000,
  });
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="turned">
      <Title order={2} size="h4" id="turned">
        What would have turned it
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        The smallest plausible bar, and the fewest features, that bring the probability to the other side of
        one half. The model is run on each variant.
      </Text>
      {wanted ? (
        <Loaded query={found} height={120}>
          {(data) => (
            <Stack gap="sm">
              {data.searches.map((one) => (
                <Search key={one.kind} of={one} before={probability} />
              ))}
              <Text size="xs" c="dimmed">
                Searched in {number(data.seconds, 1)} s.
              </Text>
            </Stack>
          )}
        </Loaded>
      ) : (
        <Button size="xs" variant="default" onClick={() => want(true)}>
          Search (takes some seconds)
        </Button>
      )}
    </Paper>
  );
}

function Search({ of, before }: { of: Shapes["WhyTurn"]; before: number }) {
  const title = of.kind === "bar" ? "Another bar that day" : "Other features";
  return (
    <div>
      <Title order={3} size="h6">
        {title}
      </Title>
      {of.found ? (
        <>
          <Text size="sm">
            {percent(before)} would have become {percent(of.probability)} with
          </Text>
          <List size="sm" spacing={2}>
            {of.changes.map((one) => (
              <List.Item key={one.name}>
                {one.name} {one.after} in place of {one.before}
              </List.Item>
            ))}
          </List>
          {of.like && (
            <Text size="xs" c="dimmed">
              The real bar nearest to that: {of.like}.
            </Text>
          )}
        </>
      ) : (
        <Text size="sm">{of.words}</Text>
      )}
      <Text size="xs" c="dimmed">
        {count(of.runs)} variants tried.
      </Text>
    </div>
  );
}
