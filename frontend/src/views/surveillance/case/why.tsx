import { List, Stack, Text, Title } from "@mantine/core";
import { BarList } from "../../../parts/charts/bars";
import { DataTable } from "../../../parts/data-table";
import { count, money, signed } from "../../../parts/format";
import type { CaseEvidence } from "../words";

/** What happened in plain words, who did what, why the model raised it, and what speaks against it. */
export function Why({ evidence }: { evidence: CaseEvidence }) {
  return (
    <Stack gap="lg">
      <section>
        <Title order={2} size="h4" mb="xs">
          What happened
        </Title>
        <Stack gap={6}>
          {evidence.summary.map((said) => (
            <Text key={said}>{said}</Text>
          ))}
        </Stack>
      </section>
      <section>
        <Title order={2} size="h4">
          Who did what
        </Title>
        <Text size="sm" c="dimmed" mb="xs">
          Shares within the alert's time. Gain: cash of the trades plus what is left at the last mid, before
          fees, from nothing held at the start; {money(evidence.profit, "dollars")} in all.
        </Text>
        <DataTable
          label="Accounts and their parts"
          rows={evidence.accounts}
          rowKey={(row) => row.name}
          columns={[
            { key: "name", title: "Account" },
            { key: "role", title: "Part it played" },
            { key: "orders", title: "Orders", numeric: true, render: (row) => count(row.orders) },
            { key: "cancels", title: "Taken back", numeric: true, render: (row) => count(row.cancels) },
            { key: "bought", title: "Bought", numeric: true, render: (row) => count(row.bought) },
            { key: "sold", title: "Sold", numeric: true, render: (row) => count(row.sold) },
            { key: "net", title: "Net", numeric: true, render: (row) => signed(row.net, 0) },
            { key: "gain", title: "Gain ($)", numeric: true, render: (row) => signed(row.gain, 2) },
          ]}
        />
      </section>
      <section>
        <Title order={2} size="h4" mb="xs">
          Why it was raised
        </Title>
        <Stack gap={4} mb="sm">
          {evidence.confidence.map((said) => (
            <Text size="sm" key={said}>
              {said}
            </Text>
          ))}
        </Stack>
        {evidence.pieces.length > 0 && (
          <>
            <Title order={3} size="h5" mb={4}>
              What each part of the model argues
            </Title>
            <BarList
              label="Parts of the model, log odds"
              signed
              digits={2}
              items={evidence.pieces.map((one) => ({ name: one.name, value: one.log_odds }))}
            />
            <Text size="sm" c="dimmed" mb="sm">
              Log odds; they sum to those of the score.
            </Text>
          </>
        )}
        {evidence.features.length > 0 && (
          <>
            <Title order={3} size="h5" mb={4}>
              Which numbers argue for or against it
            </Title>
            <BarList
              label="Features, log odds"
              signed
              digits={2}
              items={evidence.features.map((one) => ({
                name: one.label,
                value: one.log_odds,
                detail: `${one.value}; usual ${one.usual}`,
              }))}
            />
          </>
        )}
        <Text size="sm" c="dimmed">
          {evidence.features_note}
        </Text>
      </section>
      <section>
        <Title order={2} size="h4" mb="xs">
          What speaks against it
        </Title>
        {evidence.doubts.length + evidence.caveats.length === 0 ? (
          <Text size="sm">None of the harmless explanations that are looked for fits these events.</Text>
        ) : (
          <List size="sm" spacing={6}>
            {[...evidence.doubts, ...evidence.caveats].map((said) => (
              <List.Item key={said}>{said}</List.Item>
            ))}
          </List>
        )}
      </section>
    </Stack>
  );
}
