import { Drawer, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../../api/client";
import { count, day, number, percent } from "../../../parts/format";
import { Loaded } from "../../../parts/states";
import { heading, words } from "../kinds";
import { RunbookButton } from "../runbook-drawer";
import { Histogram } from "./histogram";

type Cell = Shapes["DriftCell"];

/** The distribution of one feature in one window, beside the reference. */
export function CellDrawer({ feature, end, close }: { feature: string; end: string; close: () => void }) {
  const query = useQuery({
    queryKey: ["oncall", "drift", "cell", feature, end],
    queryFn: () => body(api.GET("/api/oncall/drift/cell", { params: { query: { feature, end } } })),
    enabled: feature !== "" && end !== "",
    staleTime: 300_000,
  });
  return (
    <Drawer
      opened={feature !== "" && end !== ""}
      onClose={close}
      position="right"
      size="lg"
      title="Distribution"
      closeButtonProps={{ "aria-label": "Close the distribution" }}
    >
      <Loaded query={query} height={320}>
        {(cell) => <Shown cell={cell} />}
      </Loaded>
    </Drawer>
  );
}

/** Features of few values have no usable limit for some statistics. */
function limitOf(limit: number | null): string {
  return limit === null ? "no usable limit" : `limit ${number(limit, 3)}`;
}

function Shown({ cell }: { cell: Cell }) {
  const beyond = (cell.excess ?? 0) > 1;
  return (
    <Stack gap="md">
      <div>
        <Title order={2} size="h4" style={{ overflowWrap: "anywhere" }}>
          {cell.feature}
        </Title>
        <Text size="sm" c="dimmed">
          {heading(cell.group)}, {day(cell.start)} to {day(cell.end)}, {count(cell.rows)} rows
        </Text>
        <Text size="sm" mt={4}>
          {cell.excess === null
            ? "The reference is too short for a verdict."
            : beyond
              ? `It drifted: ${words(cell.by)} is ${number(cell.excess, 2)} times its limit.`
              : `No drift: the largest statistic (${words(cell.by)}) reaches ${number(Math.max(cell.excess, 0), 2)} of its limit.`}
        </Text>
        <Group mt={4}>
          <RunbookButton section="feature-drift" />
        </Group>
      </div>
      <Histogram bins={cell.bins} label={`${cell.feature}: reference and current`} />
      <Table.ScrollContainer minWidth={320} type="native">
        <Table withRowBorders>
          <Table.Caption>Statistics of the window against the reference</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Statistic</Table.Th>
              <Table.Th scope="col">Now</Table.Th>
              <Table.Th scope="col">Limit or reference</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(
              [
                ["PSI", number(cell.psi, 3), limitOf(cell.psi_limit)],
                ["KS distance", number(cell.ks, 3), limitOf(cell.ks_limit)],
                ["Missing", percent(cell.missing), percent(cell.missing_reference)],
                ["Median", number(cell.median, 4), number(cell.median_reference, 4)],
              ] as const
            ).map(([name, now, there]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row">{name}</Table.Th>
                <Table.Td>{now}</Table.Td>
                <Table.Td>{there}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        Limits are those that the reference's own windows of this length keep, at one false alarm a year over
        all statistics.
      </Text>
    </Stack>
  );
}
