import { List, Stack, Text, Title } from "@mantine/core";
import { DataTable } from "../../../parts/data-table";
import type { CaseEvidence } from "../words";

type Article = CaseEvidence["articles"][number];

/** Which rules it may breach, which facts speak to each, and what no event tells. */
export function Regulation({ evidence }: { evidence: CaseEvidence }) {
  return (
    <Stack gap="lg">
      <section>
        <Title order={2} size="h4">
          Rules it may breach
        </Title>
        <Text size="sm" c="dimmed" mb="xs">
          What to check, and no legal opinion. MAR is Regulation (EU) 596/2014.
        </Text>
        <Rules label="Rules it may breach" rows={evidence.articles} />
      </section>
      <section>
        <Title order={2} size="h4" mb="xs">
          What whoever finds it must do
        </Title>
        <Rules label="Duties" rows={evidence.duties} />
      </section>
      <section>
        <Title order={2} size="h4" mb="xs">
          Still to be checked
        </Title>
        <List size="sm" spacing={6}>
          {evidence.checks.map((said) => (
            <List.Item key={said}>{said}</List.Item>
          ))}
        </List>
      </section>
    </Stack>
  );
}

function Rules({ label, rows }: { label: string; rows: readonly Article[] }) {
  const text = (words: string, least: number) => (
    <Text size="sm" miw={least}>
      {words}
    </Text>
  );
  return (
    <DataTable
      label={label}
      rows={rows}
      rowKey={(row) => row.citation}
      columns={[
        { key: "place", title: "Law" },
        { key: "citation", title: "Where it stands", render: (row) => text(row.citation, 150) },
        { key: "forbids", title: "What it says", sort: false, render: (row) => text(row.forbids, 220) },
        { key: "facts", title: "Facts that speak to it", sort: false, render: (row) => text(row.facts, 180) },
      ]}
    />
  );
}
