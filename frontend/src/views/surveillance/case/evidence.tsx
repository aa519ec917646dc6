import { Anchor, Badge, Stack, Text, Title } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { type Column, DataTable } from "../../../parts/data-table";
import { count, number } from "../../../parts/format";
import { type CaseEvidence, lasting, precise } from "../words";

type Step = CaseEvidence["steps"][number];
type Order = CaseEvidence["orders"][number];

/** The address of the replay at a moment, nanoseconds from the beginning of the span. */
function useReplayAt(alert: string) {
  const { pathname } = useLocation();
  return (at: number) => ({
    pathname,
    search: `?${new URLSearchParams({ part: "replay", alert, at: String(at) })}`,
  });
}

/** The chain of evidence step by step, and the orders behind it; each leads to its moment in the replay. */
export function Evidence({ evidence }: { evidence: CaseEvidence }) {
  const to = useReplayAt(evidence.alert);
  const steps: Column<Step>[] = [
    {
      key: "at",
      title: "Time (UTC)",
      render: (row) => (
        <Anchor
          component={Link}
          to={to(row.at)}
          size="sm"
          style={{ whiteSpace: "nowrap" }}
          title="See it in the replay"
        >
          {precise(row.time, 6).slice(-15)}
        </Anchor>
      ),
    },
    { key: "who", title: "Account", render: (row) => row.who ?? "market" },
    {
      key: "what",
      title: "What",
      sort: false,
      render: (row) => (
        <Text size="sm" miw={220}>
          {row.what}
        </Text>
      ),
    },
    {
      key: "why",
      title: "Why it matters",
      sort: false,
      render: (row) => (
        <Text size="sm" miw={200}>
          {row.why}
        </Text>
      ),
    },
    { key: "order", title: "Order", numeric: true },
    {
      key: "seq",
      title: "Venue's number",
      numeric: true,
      render: (row) => (
        <>
          {row.seq ?? "–"}{" "}
          {row.named && (
            <Badge size="xs" variant="outline" color="gray" title="Named as evidence by the detector">
              named
            </Badge>
          )}
        </>
      ),
    },
  ];
  const orders: Column<Order>[] = [
    {
      key: "entered",
      title: "Entered (UTC)",
      render: (row) => (
        <Anchor component={Link} to={to(Math.max(0, row.entered))} size="sm" style={{ whiteSpace: "nowrap" }}>
          {precise(row.entered_time)}
        </Anchor>
      ),
    },
    { key: "order", title: "Order" },
    { key: "account", title: "Account" },
    { key: "side", title: "Side" },
    {
      key: "price",
      title: "Price ($)",
      numeric: true,
      render: (row) => (row.price === null ? "market" : number(row.price, 4)),
    },
    { key: "size", title: "Shares", numeric: true, render: (row) => count(row.size) },
    {
      key: "level",
      title: "Levels behind best",
      numeric: true,
      render: (row) => (row.level < 0 ? "crossed" : row.level),
    },
    { key: "seconds", title: "Stood", numeric: true, render: (row) => lasting(row.seconds) },
    { key: "executed", title: "Executed", numeric: true, render: (row) => count(row.executed) },
    { key: "cancelled", title: "Taken back", numeric: true, render: (row) => count(row.cancelled) },
  ];
  return (
    <Stack gap="lg">
      <section>
        <Title order={2} size="h4">
          Chain of evidence
        </Title>
        <Text size="sm" c="dimmed" mb="xs">
          In order of time; a time leads to that moment in the replay.
          {evidence.steps_left_out > 0 &&
            ` ${count(evidence.steps_left_out)} steps of the same kind are left out.`}
        </Text>
        <DataTable
          label="Chain of evidence"
          rows={evidence.steps}
          rowKey={(row) => `${row.at}-${row.seq}-${row.order}-${row.what}`}
          columns={steps}
          empty="No single step is told."
        />
      </section>
      <section>
        <Title order={2} size="h4">
          Orders of these accounts
        </Title>
        <Text size="sm" c="dimmed" mb="xs">
          {count(evidence.orders_total)} orders were alive within the alert's time
          {evidence.orders.length < evidence.orders_total &&
            `; the first ${count(evidence.orders.length)} are shown`}
          . Read from {evidence.made_from.join(", ")}.
        </Text>
        <DataTable
          label="Orders of the accounts"
          rows={evidence.orders}
          rowKey={(row) => `${row.order}-${row.entered}`}
          columns={orders}
          height={evidence.orders.length > 12 ? 420 : undefined}
        />
      </section>
      {evidence.grids.map((grid) => (
        <section key={grid.title}>
          <Title order={2} size="h4" mb="xs">
            {grid.title}
          </Title>
          <DataTable
            label={grid.title}
            rows={grid.rows.map((cells, i) => ({ key: String(i), cells }))}
            rowKey={(row) => row.key}
            columns={grid.columns.map((title, i) => ({
              key: String(i),
              title,
              sort: false as const,
              numeric: i > 0,
              render: (row: { cells: string[] }) => row.cells[i] ?? "",
            }))}
          />
          {grid.note && (
            <Text size="sm" c="dimmed">
              {grid.note}
            </Text>
          )}
        </section>
      ))}
    </Stack>
  );
}
