import { Paper, Text, Title } from "@mantine/core";
import { DataTable } from "../../../parts/data-table";
import { percent, signed } from "../../../parts/format";
import type { Explanation } from "./told";

function Figure({ children }: { children: string }) {
  return <span style={{ whiteSpace: "nowrap" }}>{children}</span>;
}

/** How each member of the ensemble votes, and how much its vote counts. */
export function Members({ of }: { of: Explanation }) {
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="members">
      <Title order={2} size="h4" id="members">
        How the members vote
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        Each alone, calibrated; their log odds are joined by weight, then calibrated once more. Below each:
        how its part was found.
      </Text>
      <DataTable
        label="Votes of the members"
        rows={of.members}
        rowKey={(one) => one.name}
        columns={[
          {
            key: "name",
            title: "Member",
            render: (one) => (
              <>
                {one.name}
                <Text size="xs" c="dimmed" component="span" display="block">
                  {one.method}
                </Text>
              </>
            ),
          },
          {
            key: "calibrated",
            title: "Says",
            numeric: true,
            render: (one) => <Figure>{percent(one.calibrated)}</Figure>,
          },
          {
            key: "weight",
            title: "Weight",
            numeric: true,
            render: (one) => <Figure>{percent(one.weight, 0)}</Figure>,
          },
          {
            key: "part",
            title: "Log odds",
            numeric: true,
            render: (one) => (one.part === null ? "–" : signed(one.part, 3)),
          },
        ]}
      />
    </Paper>
  );
}
