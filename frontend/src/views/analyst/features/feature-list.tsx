import { Checkbox, Group, Select, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMemo } from "react";
import { type Column, DataTable } from "../../../parts/data-table";
import { percent } from "../../../parts/format";
import { useUrlFlag, useUrlState } from "../../../parts/url-state";
import type { Brief, Catalogue, Importances } from "./data";

export interface FeatureRow extends Brief {
  share: number | null;
}

const COLUMNS: readonly Column<FeatureRow>[] = [
  { key: "name", title: "Feature" },
  { key: "group", title: "Group" },
  {
    key: "used",
    title: "Model",
    render: (row) => (row.used ? "uses it" : row.there ? "–" : `needs ${row.reads}`),
  },
  { key: "share", title: "Leans on", numeric: true, render: (row) => percent(row.share) },
];

/** The features with the share of what moved forecasts, where it was measured. */
export function rowsOf(catalogue: Catalogue, importance: Importances | undefined): FeatureRow[] {
  const shares = new Map(importance?.features.map((one) => [one.feature, one.share]));
  return catalogue.features.map((one) => ({ ...one, share: shares.get(one.name) ?? null }));
}

/** The registry, to be searched and opened. */
export function FeatureList({
  rows,
  feature,
  onChoose,
}: {
  rows: readonly FeatureRow[];
  feature: string;
  onChoose: (feature: string) => void;
}) {
  const [search, setSearch] = useUrlState("find");
  const [group, setGroup] = useUrlState("group");
  const [used, setUsed] = useUrlFlag("used");
  const groups = useMemo(() => [...new Set(rows.map((one) => one.group))], [rows]);
  const shown = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return rows.filter(
      (one) =>
        (!group || one.group === group) &&
        (!used || one.used) &&
        `${one.name} ${one.words} ${one.source}`.toLowerCase().includes(wanted),
    );
  }, [rows, search, group, used]);
  return (
    <div>
      <Group gap="xs" align="flex-end" mb="xs">
        <TextInput
          label="Find"
          size="xs"
          w={170}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Select
          label="Group"
          size="xs"
          w={130}
          clearable
          placeholder="All"
          data={groups}
          value={group || null}
          onChange={(value) => setGroup(value ?? "")}
        />
        <Checkbox
          size="xs"
          mb={7}
          label="Used by the model"
          checked={used}
          onChange={(event) => setUsed(event.currentTarget.checked)}
        />
      </Group>
      <DataTable
        label="Features"
        rows={shown}
        columns={COLUMNS}
        rowKey={(row) => row.name}
        onRow={(row) => onChoose(row.name)}
        selected={feature}
        height={430}
        initialSort={{ key: "share", down: true }}
        empty="No feature fits."
      />
      <Text size="xs" c="dimmed" mt={4}>
        {shown.length} of {rows.length} features
      </Text>
    </div>
  );
}
