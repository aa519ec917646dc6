import { Stack, Text, Title } from "@mantine/core";
import type { Shapes } from "../../../api/client";
import { BarList } from "../../../parts/charts/bars";
import { DataTable } from "../../../parts/data-table";
import { count, number, percent, points } from "../../../parts/format";
import { Mark } from "../tone";
import { KINDS, verdict } from "./words";

type Parity = Shapes["FairParity"];
type Interval = Shapes["FairInterval"];

const MEASURES: Record<string, string> = {
  rise: "Share forecast to rise (statistical parity)",
  true_positive: "Of the rises, forecast to rise (equal opportunity)",
  false_positive: "Of the falls, forecast to rise",
  accuracy: "Directions right",
};

/** Rates of each group and how far apart they are, in words, bars and a table. */
export function ParityView({ parity, line, broken }: { parity: Parity; line: number; broken?: boolean }) {
  const ratio = parity.ratio.rise?.value ?? null;
  const told = broken ?? (parity.four_fifths === null ? undefined : parity.four_fifths <= 0.025);
  return (
    <Stack gap="sm" component="section">
      <Title order={2} size="h4">
        Forecasts by {KINDS[parity.by] ?? parity.by}
      </Title>
      <Text maw={760}>{verdict(parity.by, ratio, line, told)}</Text>
      <Text size="sm" c="dimmed" maw={760}>
        {parity.words}
      </Text>
      <BarList
        label={`Share forecast to rise by ${KINDS[parity.by] ?? parity.by}`}
        unit="%"
        most={1}
        items={parity.groups
          .filter((group) => !group.small)
          .map((group) => ({
            name: group.group,
            value: group.rise.value,
            detail: `${within(group.rise)}, ${count(group.n)} forecasts`,
          }))}
      />
      <DataTable
        label="Rates by group, with 95 % intervals"
        rows={parity.groups}
        rowKey={(group) => group.group}
        columns={[
          { key: "group", title: "Group" },
          { key: "n", title: "Forecasts", numeric: true, render: (group) => count(group.n) },
          ...(["rise", "true_positive", "false_positive", "accuracy"] as const).map((key) => ({
            key,
            title: {
              rise: "To rise",
              true_positive: "Rises hit",
              false_positive: "False rises",
              accuracy: "Right",
            }[key],
            numeric: true,
            sort: (group: Shapes["FairGroup"]) => group[key].value,
            render: (group: Shapes["FairGroup"]) => `${percent(group[key].value)} ${within(group[key])}`,
          })),
          {
            key: "small",
            title: "Compared",
            render: (group) => (group.small ? <Mark tone="soft">no</Mark> : "yes"),
          },
        ]}
      />
      {ratio !== null && (
        <DataTable
          label="How far apart the groups are"
          rows={Object.entries(parity.gap).map(([measure, gap]) => ({
            measure,
            gap,
            ratio: parity.ratio[measure] ?? null,
          }))}
          rowKey={(row) => row.measure}
          columns={[
            {
              key: "measure",
              title: "Measure",
              sort: false,
              render: (row) => MEASURES[row.measure] ?? row.measure,
            },
            {
              key: "gap",
              title: "Highest less lowest",
              numeric: true,
              sort: false,
              render: (row) =>
                `${points(row.gap.value)} [${points(row.gap.lower)}, ${points(row.gap.upper)}]`,
            },
            {
              key: "ratio",
              title: "Lowest over highest",
              numeric: true,
              sort: false,
              render: (row) =>
                row.ratio
                  ? `${number(row.ratio.value)} [${number(row.ratio.lower)}, ${number(row.ratio.upper)}]`
                  : "–",
            },
          ]}
        />
      )}
    </Stack>
  );
}

function within(interval: Interval): string {
  return interval.lower === null || interval.upper === null
    ? ""
    : `[${percent(interval.lower)}, ${percent(interval.upper)}]`;
}
