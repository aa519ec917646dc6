import { Button, Group, Paper, Text, Title } from "@mantine/core";
import { Waterfall } from "../../../parts/charts/waterfall";
import { points } from "../../../parts/format";
import { useUrlState } from "../../../parts/url-state";
import { type Explanation, stepsOf } from "./told";

const MOST = 12;

/** From the base to the probability: by groups of features, or by the features of one group. */
export function Contributions({ of }: { of: Explanation }) {
  const [chosen, choose] = useUrlState("group");
  const group = of.groups.find((one) => one.name === chosen && one.features.length > 0);
  const total = group?.gives ?? 0;
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="contributions">
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4" id="contributions">
          {group ? `What ${group.name} gave` : "What made the forecast"}
        </Title>
        {group && (
          <Button size="compact-xs" variant="default" onClick={() => choose("")}>
            Back to all groups
          </Button>
        )}
      </Group>
      <Text size="xs" c="dimmed" mb="xs">
        {group
          ? `Points of probability by feature; together ${points(total, 2)}.`
          : "Points of probability by group of features. Choose a group to see its features."}
      </Text>
      {group ? (
        <Waterfall
          label={`Contributions of the features of ${group.name}`}
          base={0}
          baseName="Nothing"
          totalName={group.name}
          steps={stepsOf(group.features, MOST)}
          total={total}
          unit="%"
          digits={2}
        />
      ) : (
        <Waterfall
          label="From the base to the probability of a rise, by group of features"
          base={of.base}
          totalName="Probability of a rise"
          steps={of.groups.map((one) => ({
            name: one.name,
            value: one.gives,
            detail: strongestOf(one),
          }))}
          total={of.probability}
          unit="%"
          digits={2}
          onPick={(step) => choose(step.name)}
        />
      )}
    </Paper>
  );
}

function strongestOf(group: Explanation["groups"][number]): string {
  const first = group.features[0];
  if (!first) return "no feature's doing";
  const others = group.features.length - 1;
  return others > 0 ? `most by ${first.name}, ${others} more` : first.name;
}
