import { Anchor, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, body, type Shapes } from "../../../api/client";
import { type Column, DataTable } from "../../../parts/data-table";
import { saveCsv, saveJson } from "../../../parts/export";
import { count, day, percent } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Stat, Stats } from "../../../parts/stat";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { useUrlFlag, useUrlState } from "../../../parts/url-state";
import { ViewPage } from "../../../parts/view-page";
import { COMPLIANCE_TABS } from "../tabs";
import { Mark, Notice, stageTone } from "../tone";
import { CheckRegistry } from "./check";
import { type Filters, kept, STAGES } from "./filters";

type Row = Shapes["InventoryRow"];

const COLUMNS: Column<Row>[] = [
  {
    key: "reference",
    title: "Version",
    render: (row) => (
      <Anchor component={Link} to={`/compliance/models/${row.name}/${row.version}`} size="sm">
        {row.reference}
      </Anchor>
    ),
  },
  {
    key: "stage",
    title: "Stage",
    sort: (row) => STAGES.indexOf(row.stage),
    render: (row) => (
      <Group gap={4} wrap="nowrap">
        <Mark tone={stageTone(row.stage)}>{row.stage}</Mark>
        {row.aliases.includes("challenger") && <Mark tone="plain">challenger</Mark>}
      </Group>
    ),
  },
  { key: "owner", title: "Owner", render: (row) => row.owner || <Mark tone="warn">nobody</Mark> },
  { key: "tier", title: "Risk", render: (row) => row.tier || <Mark tone="warn">not rated</Mark> },
  { key: "use_case", title: "Use" },
  {
    key: "data",
    title: "Data",
    sort: (row) => row.bars,
    render: (row) => `${count(row.symbols)} symbols, ${count(row.bars)} bars`,
  },
  { key: "trained_until", title: "Trained until", render: (row) => day(row.trained_until) },
  { key: "accuracy", title: "Accuracy", numeric: true, render: (row) => percent(row.accuracy, 1) },
  {
    key: "budget_kept",
    title: "Complexity",
    render: (row) =>
      row.budget_kept ? <Mark tone="good">within budget</Mark> : <Mark tone="bad">over budget</Mark>,
  },
  {
    key: "card_gaps",
    title: "Card",
    numeric: true,
    render: (row) =>
      row.card_complete ? (
        <Mark tone="good">complete</Mark>
      ) : (
        <Mark tone="warn">{`${row.card_gaps} missing`}</Mark>
      ),
  },
  {
    key: "incidents",
    title: "Open incidents",
    numeric: true,
    render: (row) => (row.incidents > 0 ? <Mark tone="bad">{row.incidents}</Mark> : "0"),
  },
];

const CSV = [
  "reference",
  "stage",
  "owner",
  "tier",
  "use_case",
  "purpose",
  "author",
  "created",
  "data",
  "symbols",
  "bars",
  "trained_until",
  "accuracy",
  "verdict",
  "parameters",
  "budget_kept",
  "card_complete",
  "card_gaps",
  "incidents",
] as const;

/** Every registered version: who answers for it, what it learned from, where it stands. */
export default function Models() {
  const navigate = useNavigate();
  const [text, setText] = useUrlState("q");
  const [stage, setStage] = useUrlState("stage");
  const [tier, setTier] = useUrlState("tier");
  const [lacking, setLacking] = useUrlFlag("lacking");
  const [task, setTask] = useState<string | null>(null);
  const query = useQuery({
    queryKey: ["compliance", "models"],
    queryFn: () => body(api.GET("/api/compliance/models")),
  });
  useLive(["models", "compliance"], [["compliance", "models"]]);
  const filters: Filters = { text, stage, tier, lacking };
  const rows = useMemo(
    () => kept(query.data?.rows ?? [], { text, stage, tier, lacking }),
    [query.data, text, stage, tier, lacking],
  );

  return (
    <ViewPage
      title="Model inventory"
      lead="Every registered version. Signatures, their order and the index are verified each time this is read."
      actions={<CheckRegistry onStart={setTask} />}
      exports={[
        { label: "Shown rows as CSV", onExport: () => saveCsv("model-inventory.csv", rows, [...CSV]) },
        { label: "Shown rows as JSON", onExport: () => saveJson("model-inventory.json", rows) },
      ]}
    >
      <SubNav items={COMPLIANCE_TABS} />
      <CheckRegistry.Result task={task} />
      <Loaded query={query} height={320}>
        {(found) => (
          <Stack gap="md">
            {found.unsound.map((one) => (
              <Notice key={one.name} color="red" title={`${one.name} is not sound`} role="alert">
                <Text size="sm">{one.problem}.</Text>
                {one.fix && <Text size="sm">What to do: {one.fix}.</Text>}
              </Notice>
            ))}
            <Summary rows={found.rows} serving={found.serving} />
            <FilterBar
              filters={filters}
              onText={setText}
              onStage={setStage}
              onTier={setTier}
              onLacking={setLacking}
              shown={rows.length}
              all={found.rows.length}
            />
            <DataTable
              label="Registered versions"
              rows={rows}
              columns={COLUMNS}
              rowKey={(row) => row.reference}
              onRow={(row) => navigate(`/compliance/models/${row.name}/${row.version}`)}
              empty="No version meets these conditions."
            />
            <Text size="xs" c="dimmed">
              Accuracy is the share of directions right out of sample, as the evaluation that was registered
              measured it; a share near 50 % shows no skill. Registry: {found.place}
            </Text>
          </Stack>
        )}
      </Loaded>
    </ViewPage>
  );
}

function Summary({ rows, serving }: { rows: Row[]; serving: Record<string, string> }) {
  const may = rows.filter((row) => row.stage === "approved" || row.stage === "champion");
  const open = may.filter((row) => !row.card_complete).length;
  const waiting = rows.filter((row) => row.stage === "draft" || row.stage === "validated").length;
  const models = new Set(rows.map((row) => row.name)).size;
  const incidents = rows.some((row) => row.incidents > 0);
  return (
    <Stack gap="xs">
      <Stats cols={4}>
        <Stat
          label="Versions"
          value={count(rows.length)}
          hint={`of ${count(models)} ${models === 1 ? "model" : "models"}`}
        />
        <Stat label="May be served" value={count(may.length)} hint="approved or champion" />
        <Stat
          label="Wait for a decision"
          value={count(waiting)}
          hint={
            <Anchor component={Link} to="/compliance/approvals" size="xs">
              draft or validated: see approvals
            </Anchor>
          }
        />
        <Stat
          label="Served without a whole card"
          value={count(open)}
          tone={open > 0 ? "bad" : "good"}
          hint={incidents ? "some concerned by open incidents" : "no open incident"}
        />
      </Stats>
      {Object.entries(serving).map(([name, words]) => (
        <Text key={name} size="sm">
          <b>{name}</b>: {words}
        </Text>
      ))}
    </Stack>
  );
}

function FilterBar(props: {
  filters: Filters;
  onText: (to: string) => void;
  onStage: (to: string) => void;
  onTier: (to: string) => void;
  onLacking: (to: boolean) => void;
  shown: number;
  all: number;
}) {
  const { filters } = props;
  return (
    <Group gap="sm" align="flex-end">
      <TextInput
        label="Find"
        placeholder="name, owner, author, purpose"
        size="xs"
        w={220}
        value={filters.text}
        onChange={(event) => props.onText(event.currentTarget.value)}
      />
      <Select
        label="Stage"
        size="xs"
        w={140}
        clearable
        placeholder="any"
        data={STAGES}
        value={filters.stage || null}
        onChange={(to) => props.onStage(to ?? "")}
      />
      <Select
        label="Risk"
        size="xs"
        w={130}
        clearable
        placeholder="any"
        data={["high", "medium", "low"]}
        value={filters.tier || null}
        onChange={(to) => props.onTier(to ?? "")}
      />
      <Select
        label="What is wanting"
        size="xs"
        w={170}
        data={[
          { value: "0", label: "all versions" },
          { value: "1", label: "only what lacks something" },
        ]}
        value={filters.lacking ? "1" : "0"}
        allowDeselect={false}
        onChange={(to) => props.onLacking(to === "1")}
      />
      <Text size="xs" c="dimmed" role="status" pb={6}>
        {count(props.shown)} of {count(props.all)}
      </Text>
    </Group>
  );
}
