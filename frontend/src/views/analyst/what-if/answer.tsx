import { Alert, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { memo } from "react";
import type { Shapes } from "../../../api/client";
import { BarList } from "../../../parts/charts/bars";
import { DataTable } from "../../../parts/data-table";
import { number, percent, points, signed } from "../../../parts/format";
import { type Feature, shown } from "./changes";
import classes from "./what-if.module.css";

const DARK_TITLE = { title: { color: "var(--mantine-color-text)" } };

type Reply = Shapes["WhatIfAnswer"];

/** What the model says of the changed day, beside what it said. */
export function Reading({ before, reply }: { before: number; reply: Reply | null }) {
  const after = reply?.after ?? before;
  return (
    <Paper
      withBorder
      p="md"
      component="section"
      aria-label="Probability of a rise"
      className={classes.reading}
    >
      <Text size="xs" c="dimmed">
        Probability of a rise
      </Text>
      <Group gap="sm" align="baseline">
        <Text fz={30} fw={650} lh={1.2} className={classes.number} aria-live="polite">
          {percent(after, 2)}
        </Text>
        <Text size="sm" c="dimmed" className={classes.number}>
          {reply ? `${points(after - before, 2)} from ${percent(before, 2)}` : "as it is"}
        </Text>
        {reply?.flips && (
          <Text size="sm" fw={650} c="var(--tw-warning)">
            It turns the forecast.
          </Text>
        )}
      </Group>
      <Gauge before={before} after={after} />
      <Text size="xs" c="dimmed">
        {reply && reply.lower !== null && reply.upper !== null
          ? `Interval of the return ${signed(reply.lower * 100, 1)} to ${signed(reply.upper * 100, 1)} %. `
          : ""}
        {reply
          ? `The model ran in ${number(reply.milliseconds, 0)} ms.`
          : "Move a slider, or tell a scenario."}
      </Text>
    </Paper>
  );
}

/** Where before and after stand between 0 and 1; the ends of the drawn span are told below it. */
function Gauge({ before, after }: { before: number; after: number }) {
  const half = Math.max(0.1, Math.ceil(Math.max(Math.abs(before - 0.5), Math.abs(after - 0.5)) * 11) / 10);
  const at = (p: number) => `${((p - 0.5 + half) / (2 * half)) * 100}%`;
  const [left, right] = before < after ? [before, after] : [after, before];
  return (
    <div aria-hidden="true">
      <div className={classes.gauge}>
        <span className={classes.half} />
        <span
          className={after >= before ? classes.up : classes.down}
          style={{ left: at(left), width: `calc(${at(right)} - ${at(left)})` }}
        />
        <span className={classes.before} style={{ left: at(before) }} />
        <span className={classes.after} style={{ left: at(after) }} />
      </div>
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {percent(0.5 - half, 0)}
        </Text>
        <Text size="xs" c="dimmed">
          {percent(0.5 + half, 0)}
        </Text>
      </Group>
    </div>
  );
}

/** What the change is due to, how each member moved, and which features a scenario moved. */
export const Because = memo(function Because({
  reply,
  members,
  features,
  resting,
}: {
  reply: Reply | null;
  members: Shapes["WhatIfMember"][];
  features: readonly Feature[];
  resting: boolean;
}) {
  const formOf = (name: string) => features.find((one) => one.name === name);
  return (
    <Stack gap="md">
      {reply && reply.outside.length > 0 && (
        <Alert
          color="orange"
          variant="light"
          title="Beyond what training saw"
          icon={<IconAlertTriangle aria-hidden />}
          styles={DARK_TITLE}
        >
          <Text size="sm">
            {reply.outside.join(", ")}. The model reads {reply.outside.length === 1 ? "it" : "them"} as the
            outer quantile of training; trust the answer less.
          </Text>
        </Alert>
      )}
      <Paper
        withBorder
        p="md"
        component="section"
        aria-labelledby="due"
        style={{ opacity: resting ? 1 : 0.6 }}
      >
        <Title order={2} size="h4" id="due">
          What the change is due to
        </Title>
        <Text size="xs" c="dimmed" mb="xs">
          Exact shares of the groups that moved, in points of probability; they sum to the change.
        </Text>
        {reply?.due_to && reply.due_to.length > 0 ? (
          <BarList
            label="Share of each group in the change"
            signed
            unit="points"
            digits={2}
            items={reply.due_to.map((one) => ({ name: one.name, value: one.gives * 100 }))}
          />
        ) : (
          <Text size="sm" c="dimmed">
            Nothing has moved yet.
          </Text>
        )}
      </Paper>
      <Paper withBorder p="md" component="section" aria-labelledby="voters">
        <Title order={2} size="h4" id="voters" mb="xs">
          How each member moves
        </Title>
        <DataTable
          label="Members before and after"
          rows={reply?.members ?? members}
          rowKey={(one) => one.name}
          columns={[
            { key: "name", title: "Member" },
            { key: "weight", title: "Weight", numeric: true, render: (one) => percent(one.weight, 0) },
            { key: "before", title: "Before", numeric: true, render: (one) => percent(one.before, 2) },
            { key: "after", title: "After", numeric: true, render: (one) => percent(one.after, 2) },
          ]}
        />
      </Paper>
      {reply && reply.moved.length > 0 && (
        <Paper withBorder p="md" component="section" aria-labelledby="moved">
          <Title order={2} size="h4" id="moved" mb="xs">
            Features that moved most
          </Title>
          <DataTable
            label="Features that moved most"
            rows={reply.moved}
            rowKey={(one) => one.name}
            columns={[
              { key: "name", title: "Feature" },
              {
                key: "before",
                title: "Before",
                numeric: true,
                render: (one) => told(formOf(one.name), one.before),
              },
              {
                key: "after",
                title: "After",
                numeric: true,
                render: (one) => told(formOf(one.name), one.after),
              },
              {
                key: "deviations",
                title: "Deviations",
                numeric: true,
                sort: (one) => Math.abs(one.deviations ?? 0),
                render: (one) => signed(one.deviations, 1),
              },
            ]}
          />
        </Paper>
      )}
    </Stack>
  );
});

function told(feature: Feature | undefined, value: number | null): string {
  return feature ? shown(feature, value) : number(value, 3);
}
