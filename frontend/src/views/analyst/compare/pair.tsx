import { Alert, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useMemo } from "react";
import { LineChart } from "../../../parts/charts/lines";
import { count, number, percent, points } from "../../../parts/format";
import { Stat, Stats } from "../../../parts/stat";
import { type ComparedPair, smooth } from "./chosen";

const MONTH = 20;

/** Two models on the same bars: in words first, then in numbers and over time. */
export function Pair({ of }: { of: ComparedPair }) {
  const charts = useMemo(() => {
    const points_ = (values: readonly (number | null)[]) =>
      of.days.day.map((time, i) => ({ time, value: values[i] ?? null }));
    return {
      right: [{ name: "calls", points: points_(of.days.right) }],
      brier: [{ name: "Brier saved", points: points_(of.days.brier) }],
      same: [{ name: `mean of ${MONTH} days`, points: points_(smooth(of.days.same, MONTH)) }],
    };
  }, [of]);
  return (
    <Stack gap="md">
      <Alert
        color="gray"
        variant="light"
        title={`${of.first} and ${of.second}, on the same ${count(of.n)} bars`}
      >
        <Stack gap={4}>
          {of.words.map((line) => (
            <Text key={line} size="sm">
              {line}
            </Text>
          ))}
          <Text size="xs" c="dimmed">
            Bars are paired and whole days redrawn. Of twenty pairs without any difference one looks different
            by chance: do not choose a model by looking at many pairs here. From {of.source}.
          </Text>
        </Stack>
      </Alert>
      <Stats>
        <Stat label={`Accuracy of ${of.first}`} value={percent(of.accuracy_first)} />
        <Stat label={`Accuracy of ${of.second}`} value={percent(of.accuracy_second)} />
        <Stat
          label="Second less first"
          value={points(of.gap.value, 2)}
          hint={`${percent(of.level, 0)} interval ${points(of.gap.lower, 2)} to ${points(of.gap.upper, 2)}`}
        />
        <Stat
          label="On the same side"
          value={percent(of.agreement)}
          hint={
            of.test
              ? `Brier by day: statistic ${number(of.test.statistic, 2)}, p ${number(of.test.p_value, 3)}`
              : "too few days to test"
          }
        />
      </Stats>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <Chart
          title="Right calls, running"
          lead={`Calls ${of.second} had right and ${of.first} had not, less the reverse.`}
        >
          <LineChart
            label={`Right calls of ${of.second} less those of ${of.first}, running`}
            series={charts.right}
            digits={0}
            zero
            height={220}
          />
        </Chart>
        <Chart
          title="Brier score saved, running"
          lead={`Daily Brier scores ${of.second} saves against ${of.first}; rising: its probabilities are better.`}
        >
          <LineChart
            label={`Brier score saved by ${of.second}, running`}
            series={charts.brier}
            digits={3}
            zero
            height={220}
          />
        </Chart>
        <Chart title="Agreement" lead="Share of bars on the same side of one half.">
          <LineChart
            label={`Share of bars on which ${of.first} and ${of.second} agree`}
            series={charts.same}
            unit="%"
            height={220}
          />
        </Chart>
      </SimpleGrid>
    </Stack>
  );
}

function Chart({ title, lead, children }: { title: string; lead: string; children: React.ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title} miw={0}>
      <Title order={3} size="h5">
        {title}
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        {lead}
      </Text>
      {children}
    </Paper>
  );
}
