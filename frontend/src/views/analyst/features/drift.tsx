import { Stack, Table, Text } from "@mantine/core";
import { day, number, percent } from "../../../parts/format";
import type { Distribution } from "./data";
import { Histogram, spanName } from "./histogram";

const ADVICE: Record<string, string> = {
  none: "alike",
  watch: "watch",
  retrain: "far apart",
};

/** A feature in training against later: its distribution, what is missing, and how far it drifted. */
export function Drift({ found }: { found: Distribution }) {
  const drift = new Map(found.drift.map((one) => [one.span, one]));
  return (
    <Stack gap="sm">
      <Histogram found={found} />
      <Table.ScrollContainer
        minWidth={560}
        type="native"
        aria-label="Figures of the spans"
        tabIndex={0}
        role="region"
      >
        <Table fz="sm" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              {["Span", "Drift", "PSI", "KS", "Missing", "Mean", "Deviation"].map((title) => (
                <Table.Th key={title} scope="col">
                  {title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.spans.map((span) => {
              const far = drift.get(span.name);
              return (
                <Table.Tr key={span.name}>
                  <Table.Th scope="row">
                    {spanName(span.name)}
                    <Text size="xs" c="dimmed" fw={400} style={{ whiteSpace: "nowrap" }}>
                      {day(span.first)} to {day(span.last)}
                    </Text>
                  </Table.Th>
                  <Table.Td>
                    {far
                      ? far.drift == null
                        ? "no verdict"
                        : far.drift
                          ? "drifted"
                          : "as usual"
                      : "reference"}
                  </Table.Td>
                  <Table.Td>
                    {far ? `${number(far.psi, 3)} (${ADVICE[far.advice] ?? far.advice})` : "–"}
                  </Table.Td>
                  <Table.Td>{far ? number(far.ks, 3) : "–"}</Table.Td>
                  <Table.Td>{percent(span.missing)}</Table.Td>
                  <Table.Td>{number(span.mean, 4)}</Table.Td>
                  <Table.Td>{number(span.deviation, 4)}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        Training is every bar before the first forecast. PSI over the deciles of training: by custom 0.1 asks
        for attention and 0.2 for retraining. The verdict on drift compares windows with how much they differ
        within training, so that rows of one day do not count as many; without enough days of training there
        is none.
      </Text>
    </Stack>
  );
}
