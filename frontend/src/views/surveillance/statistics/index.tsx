import { Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../../api/client";
import { type Column, DataTable } from "../../../parts/data-table";
import { saveCsv } from "../../../parts/export";
import { percent } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Stat, Stats } from "../../../parts/stat";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { ViewPage } from "../../../parts/view-page";
import { CHANGING, keys } from "../api";
import { TABS } from "../tabs";
import { lasting, plain } from "../words";

type Figures = Shapes["DeskFigures"];
type Load = Shapes["DeskLoad"];
const minutes = (x: number | null) => (x === null ? "–" : lasting(x * 60));
const FIGURES = [
  "name",
  "cases",
  "open",
  "closed",
  "overdue",
  "late_share",
  "to_take_up",
  "to_take_up_p90",
  "to_close",
  "to_close_p90",
  "judged",
  "precision",
  "precision_low",
  "precision_high",
  "false_alarm_share",
  "escalated_share",
] as const satisfies readonly (keyof Figures)[];

/** How the desk works: what is open, how long it takes, how often alerts prove right. */
export default function Statistics() {
  const query = useQuery({
    queryKey: keys.statistics,
    queryFn: () => body(api.GET("/api/surveillance/statistics")),
  });
  useLive(["cases"], CHANGING);
  const save = () => {
    if (!query.data) return;
    const { all, tiers, schemes } = query.data;
    saveCsv("desk.csv", [...(all ? [all] : []), ...tiers, ...schemes], FIGURES);
  };
  return (
    <ViewPage
      title="Figures of the surveillance desk"
      lead="Counted from all cases and all acts in the store. Times run from the opening of a case."
      exports={[{ label: "Figures as CSV", onExport: save }]}
    >
      <SubNav items={TABS} />
      <Loaded query={query} height={420}>
        {(data) => <Shown data={data} />}
      </Loaded>
    </ViewPage>
  );
}

function Shown({ data }: { data: Shapes["DeskStatistics"] }) {
  const { all } = data;
  if (!all) return <Text>There is no case yet.</Text>;
  return (
    <Stack gap="lg">
      <Stats>
        <Stat label="Open" value={all.open} hint={`of ${all.cases} cases ever opened`} />
        <Stat
          label="Not taken up in time"
          value={all.overdue}
          tone={all.overdue ? "bad" : "good"}
          hint={`now; ${percent(all.late_share, 0)} of all cases were late`}
        />
        <Stat
          label="Time to take up"
          value={minutes(all.to_take_up)}
          hint={`median; 9 of 10 within ${minutes(all.to_take_up_p90)}`}
        />
        <Stat
          label="Time to close"
          value={minutes(all.to_close)}
          hint={`median; 9 of 10 within ${minutes(all.to_close_p90)}`}
        />
      </Stats>
      <section>
        <Title order={2} size="h4" mb="xs">
          By tier
        </Title>
        <DataTable
          label="Cases by tier"
          rows={data.tiers}
          rowKey={(row) => row.name}
          columns={[
            { key: "name", title: "Tier", render: (row) => plain(row.name), sort: false },
            {
              key: "limit",
              title: "Take up within",
              numeric: true,
              sort: (row) => data.response_minutes[row.name],
              render: (row) => minutes(data.response_minutes[row.name] ?? null),
            },
            ...COUNTS,
            ...TIMES,
          ]}
        />
      </section>
      <section>
        <Title order={2} size="h4">
          By scheme: how often alerts proved right
        </Title>
        <Text size="sm" c="dimmed" mb="xs">
          Precision: of the cases closed as escalated or as false alarm, the share that was escalated, with a
          95 % interval (Wilson). Few decisions make it wide; it says nothing of manipulation that no alert
          was raised on.
        </Text>
        <DataTable
          label="Cases by scheme"
          rows={data.schemes}
          rowKey={(row) => row.name}
          columns={[
            { key: "name", title: "Scheme", render: (row) => plain(row.name) },
            ...COUNTS,
            { key: "judged", title: "Judged", numeric: true },
            {
              key: "precision",
              title: "Precision",
              numeric: true,
              render: (row) => percent(row.precision, 0),
            },
            {
              key: "interval",
              title: "95 % interval",
              numeric: true,
              sort: (row) => row.precision_low,
              render: (row) =>
                row.precision_low === null || row.precision_high === null
                  ? "–"
                  : `${percent(row.precision_low, 0)} to ${percent(row.precision_high, 0)}`,
            },
          ]}
        />
      </section>
      <section>
        <Title order={2} size="h4">
          By person
        </Title>
        <Text size="sm" c="dimmed" mb="xs">
          Agreement: the share of a person's judged proposals that a second person confirmed.
        </Text>
        <DataTable label="Work by person" rows={data.people} rowKey={(row) => row.name} columns={PEOPLE} />
      </section>
    </Stack>
  );
}

const COUNTS: Column<Figures>[] = [
  { key: "open", title: "Open", numeric: true },
  { key: "overdue", title: "Overdue", numeric: true },
  { key: "closed", title: "Closed", numeric: true },
];
const TIMES: Column<Figures>[] = [
  { key: "late_share", title: "Late, of all", numeric: true, render: (row) => percent(row.late_share, 0) },
  {
    key: "to_take_up",
    title: "To take up (median)",
    numeric: true,
    render: (row) => minutes(row.to_take_up),
  },
  { key: "to_close", title: "To close (median)", numeric: true, render: (row) => minutes(row.to_close) },
  {
    key: "to_close_p90",
    title: "9 of 10 closed in",
    numeric: true,
    render: (row) => minutes(row.to_close_p90),
  },
];
const PEOPLE: Column<Load>[] = [
  { key: "name", title: "Person" },
  { key: "roles", title: "Role", sort: false, render: (row) => row.roles.join(", ") || "no longer enrolled" },
  { key: "open", title: "Has now", numeric: true },
  {
    key: "grave",
    title: "of these critical or high",
    numeric: true,
    sort: (row) => (row.by_tier.critical ?? 0) + (row.by_tier.high ?? 0),
    render: (row) => (row.by_tier.critical ?? 0) + (row.by_tier.high ?? 0),
  },
  { key: "taken", title: "Taken", numeric: true },
  { key: "proposed", title: "Proposed", numeric: true },
  { key: "confirmed", title: "Confirmed by others", numeric: true },
  { key: "rejected", title: "Sent back", numeric: true },
  { key: "agreement", title: "Agreement", numeric: true, render: (row) => percent(row.agreement, 0) },
  { key: "judged", title: "Judged others'", numeric: true },
  {
    key: "to_propose",
    title: "To propose (median)",
    numeric: true,
    render: (row) => minutes(row.to_propose),
  },
];
