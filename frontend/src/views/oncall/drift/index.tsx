import { Checkbox, Group, SegmentedControl, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body, type Shapes } from "../../../api/client";
import { HeatMap } from "../../../parts/charts/heat-map";
import { DataTable } from "../../../parts/data-table";
import { saveCsv, saveJson } from "../../../parts/export";
import { count, day, number } from "../../../parts/format";
import { Stat, Stats } from "../../../parts/stat";
import { Failure, Loaded } from "../../../parts/states";
import { useUrlFlag, useUrlState } from "../../../parts/url-state";
import { OncallPage } from "../page";
import { Waited } from "../waited";
import { CellDrawer } from "./cell";
import { byFeature, byGroup } from "./choose";

type Map_ = Shapes["DriftMap"];
type Measure = Map_["measure"];

const MEASURES: readonly { value: Measure; label: string }[] = [
  { value: "excess", label: "Share of limit" },
  { value: "psi", label: "PSI" },
  { value: "ks", label: "KS" },
];
const MOST = 30;

export default function DriftPage() {
  const [text, setMeasure] = useUrlState("measure", "excess");
  const [every, setEvery] = useUrlState("every", "week");
  const measure = MEASURES.find((one) => one.value === text)?.value ?? "excess";
  const daily = every === "day";
  const query = useQuery({
    queryKey: ["oncall", "drift", measure, daily],
    queryFn: () =>
      body(
        api.GET("/api/oncall/drift", {
          params: { query: { measure, every: daily ? "day" : "week", sessions: daily ? 20 : 80 } },
        }),
      ),
    staleTime: 60_000,
    refetchInterval: 300_000,
    placeholderData: (before) => before,
  });
  const data = query.data;
  return (
    <OncallPage
      title="Drift"
      lead="How far the features of served bars lie from those the model was trained on. Every column compares the window of sessions that ends on its day with the reference."
      exports={
        data && [
          {
            label: "Map (CSV)",
            onExport: () =>
              saveCsv(
                `drift-${data.measure}.csv`,
                data.rows.flatMap((row) =>
                  row.values.map((value, i) => ({
                    feature: row.feature,
                    group: row.group,
                    window_end: data.columns[i],
                    value,
                  })),
                ),
                ["feature", "group", "window_end", "value"],
              ),
          },
          { label: "Map (JSON)", onExport: () => saveJson(`drift-${data.measure}.json`, data) },
        ]
      }
    >
      <Group gap="md" align="flex-end">
        <Switch label="Measure" value={measure} onChange={setMeasure} data={MEASURES} />
        <Switch
          label="A column"
          value={daily ? "day" : "week"}
          onChange={setEvery}
          data={[
            { value: "week", label: "every fifth session" },
            { value: "day", label: "every session" },
          ]}
        />
      </Group>
      <Waited query={query} what="drift" height={420}>
        {(map) => <Shown map={map} />}
      </Waited>
      <Reports />
    </OncallPage>
  );
}

function Switch(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  data: readonly { value: string; label: string }[];
}) {
  return (
    <div>
      <Text size="sm" fw={500} mb={2}>
        {props.label}
      </Text>
      <SegmentedControl
        size="xs"
        aria-label={props.label}
        value={props.value}
        onChange={props.onChange}
        data={[...props.data]}
      />
    </div>
  );
}

function Shown({ map }: { map: Map_ }) {
  const [group, setGroup] = useUrlState("group", "groups");
  const [sought, setSought] = useUrlState("q");
  const [all, setAll] = useUrlFlag("all");
  const [feature, setFeature] = useUrlState("feature");
  const [end, setEnd] = useUrlState("end");
  const groups = useMemo(() => [...new Set(map.rows.map((row) => row.group))].sort(), [map]);
  const whole = group === "groups" && sought === "";
  const one = group === "groups" || group === "all" ? "" : group;
  const lines = useMemo(
    () => (whole ? byGroup(map.rows) : byFeature(map.rows, one, sought, all ? map.rows.length : MOST)),
    [map, whole, one, sought, all],
  );
  const drifted = map.rows.filter((row) => (row.latest ?? 0) >= map.alarm).length;
  const near = map.rows.filter((row) => (row.latest ?? 0) >= map.warn).length - drifted;
  const worst = map.rows[0];

  function pick(row: number, column: number) {
    const line = lines[row];
    if (!line) return;
    if (line.feature === null) {
      setGroup(line.name.replace(/ \(\d+\)$/, ""));
      return;
    }
    setFeature(line.feature);
    setEnd(map.columns[map.columns.length - 1 - column] ?? "");
  }

  return (
    <Stack gap="md">
      <Stats>
        <Stat
          label={`Beyond ${number(map.alarm, 1)} in the newest window`}
          value={count(drifted)}
          tone={drifted ? "bad" : "good"}
          hint={`of ${map.rows.length} features`}
        />
        <Stat
          label={`Between ${number(map.warn, 1)} and ${number(map.alarm, 1)}`}
          value={count(near)}
          tone={near ? "warning" : "neutral"}
          hint="worth watching"
        />
        <Stat
          label="Farthest"
          value={worst ? number(worst.latest, 2) : "–"}
          hint={worst ? `${worst.feature}, ${worst.group}` : undefined}
        />
        <Stat
          label="Window"
          value={`${map.window} sessions`}
          hint={`${count(map.sessions)} sessions kept; ${count(map.reference_rows)} rows of reference`}
        />
      </Stats>
      <Text size="sm" maw={820}>
        {map.meaning}
        {typeof map.floor === "number" &&
          ` Chance alone would give about ${number(map.floor, 3)} with so many rows if they were independent; they are not, so more.`}
        {!map.calibrated && " The reference is too short for calibrated limits: no verdict can be given."}
      </Text>
      <Group gap="sm" align="flex-end">
        <Select
          label="Rows"
          size="xs"
          w={220}
          allowDeselect={false}
          value={group}
          onChange={(value) => setGroup(value ?? "groups")}
          data={[
            { value: "groups", label: "groups, by their farthest" },
            { value: "all", label: "all features" },
            ...groups.map((name) => ({ value: name, label: `features: ${name}` })),
          ]}
        />
        <TextInput
          label="Search a feature"
          size="xs"
          w={200}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
        />
        <Text size="xs" c="dimmed" role="status">
          {whole
            ? `${lines.length} groups; pick a cell to see the features`
            : `${lines.length} of ${map.rows.length} features, the most drifted first; pick a cell to see its distribution`}
        </Text>
        {!whole && (lines.length === MOST || all) && (
          <Checkbox label="All, not the first 30" size="xs" checked={all} onChange={() => setAll(!all)} />
        )}
      </Group>
      <HeatMap
        label={`Drift, ${MEASURES.find((m) => m.value === map.measure)?.label}`}
        rowTitle={whole ? "Group" : "Feature"}
        rows={lines.map((line) => line.name)}
        columns={map.columns.map(shortDay).reverse()}
        values={lines.map((line) => [...line.values].reverse())}
        format={(value) => number(value, 2)}
        tone="sequential"
        thresholds={[map.warn, map.alarm]}
        most={map.alarm * 2}
        onPick={pick}
      />
      <Text size="xs" c="dimmed">
        ! from {number(map.warn, 1)} on, !! from {number(map.alarm, 1)} on. Below nought, a statistic is
        smaller than is usual. The newest window is first. Arrow keys move, Enter opens.
      </Text>
      <CellDrawer
        feature={feature}
        end={end}
        close={() => {
          setFeature("");
          setEnd("");
        }}
      />
    </Stack>
  );
}

/** `2026-11-27` as `27 Nov`; the map shows less than a year. */
function shortDay(iso: string): string {
  return day(iso).replace(/ \d{4}$/, "");
}

function Reports() {
  const query = useQuery({
    queryKey: ["oncall", "drift", "reports"],
    queryFn: () => body(api.GET("/api/oncall/drift/reports")),
    staleTime: 60_000,
  });
  return (
    <section aria-labelledby="reports">
      <Title order={2} size="h4" id="reports" mb="xs">
        Reports of the drift job
      </Title>
      {query.error ? (
        <Failure error={query.error} />
      ) : (
        <Loaded query={query} height={80}>
          {(reports) => (
            <DataTable
              label="Reports of the drift job"
              rows={reports}
              rowKey={(row) => row.day}
              columns={[
                { key: "day", title: "Made", render: (row) => day(row.day) },
                { key: "start", title: "Sessions", render: (row) => `${day(row.start)} to ${day(row.end)}` },
                { key: "drift", title: "Verdict", render: (row) => (row.drift ? "drift" : "no drift") },
                {
                  key: "drifted",
                  title: "Features beyond their limit",
                  sort: (row) => row.drifted.length,
                  render: (row) => row.drifted.slice(0, 6).join(", ") || "none",
                },
                {
                  key: "textbook",
                  title: "Rejected by textbook tests",
                  numeric: true,
                  render: (row) => `${row.textbook} of ${row.features}`,
                },
              ]}
            />
          )}
        </Loaded>
      )}
    </section>
  );
}
