import { Text } from "@mantine/core";
import { useMemo } from "react";
import { LineChart } from "../../parts/charts/lines";
import { DataTable } from "../../parts/data-table";
import { count, day, percent, points } from "../../parts/format";
import type { Summary } from "./data";
import { Section } from "./section";

/** How often it was right, stretch by stretch, with what chance alone would do to such a stretch. */
export function Periods({ summary }: { summary: Summary }) {
  const { periods, record } = summary;
  const series = useMemo(
    () => [{ name: "right", points: periods.map((one) => ({ time: one.last, value: one.accuracy })) }],
    [periods],
  );
  const bands = useMemo(
    () => periods.map((one) => ({ time: one.last, lower: one.lower, upper: one.upper })),
    [periods],
  );
  const levels = useMemo(
    () => [
      { value: 0.5, name: "coin" },
      ...(record?.rises ? [{ value: record.rises, name: "always up" }] : []),
    ],
    [record?.rises],
  );
  if (periods.length === 0) return null;
  return (
    <Section
      title="How often it was right"
      says="Share of forecasts out of sample that got the direction, in stretches of as many days; the band is the 95 % interval of each, counted over days. A band that holds 50 % is what a coin does."
    >
      <LineChart
        label="Share of forecasts that were right, over time"
        series={series}
        bands={bands}
        bandName="95 % interval"
        levels={levels}
        unit="%"
        height={260}
      />
    </Section>
  );
}

/** Whether a probability means what it says. */
export function Calibration({ summary }: { summary: Summary }) {
  const rows = summary.calibration;
  if (rows.length === 0) return null;
  return (
    <Section
      title="Whether its probabilities mean what they say"
      says="Forecasts out of sample in groups of as many, by what was said. Where the model is honest the two shares are alike."
    >
      <DataTable
        label="What was said and what happened"
        rows={rows}
        rowKey={(one) => String(one.said)}
        columns={[
          { key: "said", title: "Said", numeric: true, render: (one) => percent(one.said) },
          { key: "happened", title: "Rose", numeric: true, render: (one) => percent(one.happened) },
          {
            key: "gap",
            title: "Gap",
            numeric: true,
            render: (one) => points(one.happened - one.said),
            sort: (one) => one.happened - one.said,
          },
          { key: "n", title: "Forecasts", numeric: true, render: (one) => count(one.n) },
        ]}
      />
      {summary.record && (
        <Text size="xs" c="dimmed">
          {day(summary.record.first)} to {day(summary.record.last)}
        </Text>
      )}
    </Section>
  );
}
