import { Alert, Group, List, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Shapes } from "../../api/client";
import { day } from "../../parts/format";
import { useLive } from "../../parts/live";
import { Loaded } from "../../parts/states";
import { inServiceOf } from "./data";
import { Section } from "./section";

type Champion = Shapes["ExecutiveChampion"];

/** Which model is in service by the registry, who decided it, and whether it made the forecasts of this page. */
export function InService({ project }: { project: string }) {
  const asked = inServiceOf(project);
  useLive(["models"], [asked.queryKey]);
  const query = useQuery({ ...asked, staleTime: 60_000 });
  return (
    <Section title="Model in service" says="What the registry's signed decisions say may be served.">
      <Loaded query={query} height={120}>
        {({ champions, registered, unsound }) => (
          <Stack gap="sm">
            {unsound.map((one) => (
              <Alert key={one} color="red" title="A record is not what was signed for">
                {one}
              </Alert>
            ))}
            {champions.map((one) => (
              <One key={one.name} champion={one} />
            ))}
            {champions.length === 0 && (
              <Text size="sm">
                {registered
                  ? "No version of any model was made the champion: nothing may be served yet."
                  : "There is no registry of models in this workspace, so nobody approved the model of this page."}
              </Text>
            )}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}

function One({ champion }: { champion: Champion }) {
  return (
    <div>
      <Group gap="xs" align="baseline">
        <Text fw={650}>
          {champion.name}, version {champion.version}
        </Text>
        <Text size="sm" c="dimmed">
          champion since {day(champion.since)}
        </Text>
      </Group>
      <Text size="sm" fw={champion.speaks ? undefined : 600}>
        {champion.speaks
          ? "The next-bar forecasts of this page come from this model."
          : "The forecasts of this page come from another model, which was not put into service."}
      </Text>
      <Text size="sm">{champion.serving}.</Text>
      <List size="sm" mt={4}>
        {champion.steps.map((step) => (
          <List.Item key={`${step.stage} ${step.at}`}>
            {step.stage} by {step.by} on {day(step.at)}: {step.reason}
          </List.Item>
        ))}
        {champion.waiting.map((one) => (
          <List.Item key={one}>{one}</List.Item>
        ))}
      </List>
    </div>
  );
}
