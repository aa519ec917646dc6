import { Anchor, Code, Group, List, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { api, body, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { saveBlob, saveCsv, saveJson } from "../../../parts/export";
import { count, day, number, percent } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Stat, Stats } from "../../../parts/stat";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { useUrlState } from "../../../parts/url-state";
import { ViewPage } from "../../../parts/view-page";
import { DocumentView, Pairs, pairsOf } from "../document";
import { COMPLIANCE_TABS } from "../tabs";
import { Mark, Notice, stageTone } from "../tone";
import { Decisions } from "./decisions";
import { LineageDrawing } from "./lineage";

type Page = Shapes["ModelPage"];

/** Everything about one version. */
export default function Version() {
  const { name = "", version = "" } = useParams();
  const path = { name, version: Number(version) };
  const query = useQuery({
    queryKey: ["compliance", "models", name, version],
    queryFn: () => body(api.GET("/api/compliance/models/{name}/{version}", { params: { path } })),
  });
  useLive(["models", "compliance"], [["compliance", "models", name, version]]);
  const stem = `${name}-${version}`;

  async function saveCard(suffix: "html" | "md") {
    const address = "/api/compliance/models/{name}/{version}/card.{suffix}";
    const { data } = await api.GET(address, { params: { path: { ...path, suffix } }, parseAs: "blob" });
    saveBlob(`card-${stem}.${suffix}`, data as unknown as Blob);
  }

  return (
    <ViewPage
      title={`${name}/${version}`}
      lead={query.data?.row.purpose}
      exports={[
        { label: "Model card as HTML", onExport: () => saveCard("html") },
        { label: "Model card as Markdown", onExport: () => saveCard("md") },
        { label: "Record as JSON", onExport: () => saveJson(`record-${stem}.json`, query.data?.record) },
        {
          label: "Decisions as CSV",
          onExport: () =>
            saveCsv(`decisions-${stem}.csv`, query.data?.decisions ?? [], [
              "seq",
              "at",
              "words",
              "by",
              "role",
              "reason",
              "hash",
              "signature",
              "key",
            ]),
        },
      ]}
    >
      <SubNav items={COMPLIANCE_TABS} />
      <Loaded query={query} height={420}>
        {(page) => <Shown page={page} />}
      </Loaded>
    </ViewPage>
  );
}

function Shown({ page }: { page: Page }) {
  const [tab, setTab] = useUrlState("tab", "card");
  const { row } = page;
  const gaps = page.gaps.filter((gap) => gap.required);
  return (
    <Stack gap="md">
      <Stats cols={4}>
        <Stat
          label="Stage"
          value={<Mark tone={stageTone(row.stage)}>{row.stage}</Mark>}
          hint={
            <Anchor component={Link} size="xs" to={`/compliance/approvals?model=${row.reference}`}>
              decide about it
            </Anchor>
          }
        />
        <Stat label="Owner, risk" value={row.owner || "nobody"} hint={`risk ${row.tier || "not rated"}`} />
        <Stat label="Accuracy out of sample" value={percent(row.accuracy)} hint={row.verdict} />
        <Stat
          label="Trained until"
          value={day(row.trained_until)}
          hint={`${count(row.bars)} bars of ${count(row.symbols)} symbols`}
        />
      </Stats>
      <Text size="sm">{page.serving}</Text>
      {row.incidents > 0 && (
        <Notice
          color="red"
          variant="light"
          title={
            row.incidents === 1
              ? "One open incident concerns it"
              : `${row.incidents} open incidents concern it`
          }
        >
          <Anchor component={Link} to={`/compliance/incidents?model=${row.name}`}>
            See the incidents
          </Anchor>
        </Notice>
      )}
      <Tabs value={tab} onChange={(to) => setTab(to ?? "card")} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="card">Card</Tabs.Tab>
          <Tabs.Tab value="checklist">Checklist{gaps.length > 0 ? ` (${gaps.length})` : ""}</Tabs.Tab>
          <Tabs.Tab value="decisions">Decisions</Tabs.Tab>
          <Tabs.Tab value="lineage">Lineage</Tabs.Tab>
          <Tabs.Tab value="budget">Complexity</Tabs.Tab>
          <Tabs.Tab value="hashes">Hashes</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="card" pt="md">
          <DocumentView document={page.card} level={2} />
        </Tabs.Panel>
        <Tabs.Panel value="checklist" pt="md">
          <Checklist page={page} />
        </Tabs.Panel>
        <Tabs.Panel value="decisions" pt="md">
          <Decisions decisions={page.decisions} />
        </Tabs.Panel>
        <Tabs.Panel value="lineage" pt="md">
          <LineageDrawing reference={row.reference} steps={page.lineage} />
        </Tabs.Panel>
        <Tabs.Panel value="budget" pt="md">
          <Budget page={page} />
        </Tabs.Panel>
        <Tabs.Panel value="hashes" pt="md">
          <Pairs
            rows={pairsOf(
              Object.fromEntries(
                Object.entries(page.hashes).map(([key, value]) => [key, value || "not recorded"]),
              ),
            )}
          />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function Checklist({ page }: { page: Page }) {
  const required = page.gaps.filter((gap) => gap.required).length;
  return (
    <Stack gap="sm">
      <Text maw={760}>
        {required === 0
          ? `The card is complete: ${page.checked} fields are checked.`
          : `${required} of ${page.checked} required fields are missing: the card is a draft and must not be relied on.`}
      </Text>
      <DataTable
        label="Fields that the card lacks"
        rows={page.gaps}
        rowKey={(gap) => gap.field}
        columns={[
          { key: "field", title: "Field", render: (gap) => <Code>{gap.field}</Code> },
          { key: "section", title: "Section" },
          { key: "why", title: "It" },
          {
            key: "required",
            title: "Needed",
            render: (gap) =>
              gap.required ? <Mark tone="bad">required</Mark> : <Mark tone="warn">not assessed</Mark>,
          },
          { key: "give", title: "How to give it", sort: false },
        ]}
        empty="Nothing is missing, and everything is assessed."
      />
      {page.missing.length > 0 && (
        <Text size="sm">
          The record itself lacks: {page.missing.join(", ")}. Its author can amend a draft.
        </Text>
      )}
      <Text fw={600}>Limitations</Text>
      {page.limitations.length > 0 ? (
        <List>
          {page.limitations.map((text) => (
            <List.Item key={text}>{text}</List.Item>
          ))}
        </List>
      ) : (
        <Text size="sm">None are stated.</Text>
      )}
    </Stack>
  );
}

function Budget({ page }: { page: Page }) {
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Text>The budget of {page.row.use_case} models:</Text>
        {page.row.budget_kept ? <Mark tone="good">kept</Mark> : <Mark tone="bad">passed over</Mark>}
      </Group>
      <DataTable
        label="Complexity against its budget"
        rows={page.budget}
        rowKey={(line) => line.name}
        columns={[
          { key: "name", title: "Line", render: (line) => line.name.replaceAll("_", " ") },
          { key: "measured", title: "Measured", numeric: true, render: (line) => number(line.measured, 3) },
          { key: "limit", title: "Limit", numeric: true, render: (line) => number(line.limit, 3) },
          {
            key: "passed",
            title: "Holds",
            render: (line) => (line.passed ? <Mark tone="good">yes</Mark> : <Mark tone="bad">no</Mark>),
          },
          { key: "words", title: "In words", sort: false },
        ]}
      />
    </Stack>
  );
}
