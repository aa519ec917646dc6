import { Stack, Text, Title } from "@mantine/core";
import { useMemo } from "react";
import type { Shapes } from "../../../api/client";
import { LineChart } from "../../../parts/charts/lines";
import { DataTable } from "../../../parts/data-table";
import { count, number, points } from "../../../parts/format";
import { Mark } from "../tone";
import { KINDS } from "./words";

type Kind = Shapes["FairKind"];

/** The ratio of shares forecast to rise, period by period, beside the four-fifths line. */
export function Periods({ kind, line, every }: { kind: Kind; line: number; every: string }) {
  const series = useMemo(
    () => [
      {
        name: "lowest over highest",
        points: kind.periods.map((one) => ({ time: `${one.period}-01`, value: one.ratio.value })),
      },
    ],
    [kind],
  );
  const levels = useMemo(() => [{ value: line, name: "four fifths", tone: "warning" as const }], [line]);
  if (kind.periods.length === 0)
    return (
      <Text size="sm" c="dimmed">
        In no {every} have two groups by {KINDS[kind.by] ?? kind.by} enough forecasts to be compared.
      </Text>
    );
  return (
    <Stack gap="sm" component="section">
      <Title order={2} size="h4">
        By {every}
      </Title>
      {kind.persistent && (
        <Text size="sm">{kind.persistent} is forecast to rise least in at least two thirds of them.</Text>
      )}
      <LineChart
        label={`Ratio of the shares forecast to rise, by ${every}`}
        series={series}
        levels={levels}
        height={220}
        digits={2}
      />
      <DataTable
        label={`Fairness by ${every}`}
        rows={kind.periods}
        rowKey={(one) => one.period}
        columns={[
          { key: "period", title: "From" },
          { key: "rows", title: "Forecasts", numeric: true, render: (one) => count(one.rows) },
          {
            key: "ratio",
            title: "Lowest over highest",
            numeric: true,
            sort: (one) => one.ratio.value,
            render: (one) =>
              `${number(one.ratio.value)} [${number(one.ratio.lower)}, ${number(one.ratio.upper)}]`,
          },
          {
            key: "gap",
            title: "Gap",
            numeric: true,
            sort: (one) => one.gap.value,
            render: (one) => points(one.gap.value),
          },
          {
            key: "opportunity",
            title: "Gap of hits",
            numeric: true,
            sort: (one) => one.opportunity.value,
            render: (one) => points(one.opportunity.value),
          },
          { key: "low", title: "Lowest", render: (one) => one.low || "all alike" },
          { key: "high", title: "Highest", render: (one) => one.high || "all alike" },
          {
            key: "broken",
            title: "Four fifths",
            render: (one) =>
              one.broken ? <Mark tone="bad">broken</Mark> : <Mark tone="good">not broken beyond chance</Mark>,
          },
        ]}
      />
    </Stack>
  );
}
