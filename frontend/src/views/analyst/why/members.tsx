import { Paper, Text, Title } from "@mantine/core";
import { DataTable } from "../../../parts/data-table";
import { percent, signed } from "../../../parts/format";
import type { Explanation } from "./told";

/** How each member of the ensemble votes, and how much its vote counts. */
export function Members({ of }: { of: Explanation }) {
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="members">
      <Title order={2} size="h4" id="members">
        How the members vote
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        Each alone, calibrated; their log odds are joined by weight, then calibrated once more.
      </Text>
      <DataTable
        label="Votes of the members"
        rows={of.members}
        rowKey={(one) => one.name}
        columns={[
          { key: "name", title: "Member" },
          { key: "calibrated", title: "Says", numeric: true, render: (one) => percent(one.calibrated) },
          { key: "weight", title: "Weight", numeric: true, render: (one) => percent(one.weight, 0) },
          {
            key: "part",
            title: "Gave (log odds)",
            numeric: true,
            render: (one) => (one.part === null ? "–" : signed(one.part, 3)),
          },
          { key: "method", title: "How that was found", sort: false },
        ]}
      />
    </Paper>
  );
}
