import { Select, Text, Title } from "@mantine/core";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body, type Shapes } from "../api/client";
import { LineChart } from "../parts/charts/lines";
import { type Column, DataTable } from "../parts/data-table";
import { saveJson, saveText } from "../parts/export";
import { moment, percent } from "../parts/format";
import { useLive } from "../parts/live";
import { Stat, Stats } from "../parts/stat";
import { Loaded } from "../parts/states";
import { useUrlState } from "../parts/url-state";
import { SettingsPage } from "./frame";

type Report = Shapes["RatingsReport"];
type OfKind = Shapes["RatingsOfKind"];
type Reason = Shapes["RatingReason"];
type Share = Shapes["RatingShare"];

/** The report of ratings, kept new, and ways to take it away. */
export function useRatings() {
  const report = useQuery({
    queryKey: ["ratings", "report"],
    queryFn: () => body(api.GET("/api/ratings/report")),
  });
  useLive(["ratings"], [["ratings"]]);

  async function csv() {
    const text = await body(api.GET("/api/ratings/export", { parseAs: "text" }));
    saveText("ratings.csv", String(text), "text/csv");
  }

  return { report, csv, json: () => saveJson("ratings-report.json", report.data) };
}

export const RATINGS_LEAD =
  "What people said of explanations, cases and diagnoses: one rating of each person for each, the latest.";

/** What people think of explanations, cases and diagnoses: how many found them useful, and why not. */
export default function Ratings() {
  const { report, csv, json } = useRatings();
  return (
    <SettingsPage
      title="Ratings"
      lead={RATINGS_LEAD}
      exports={[
        { label: "CSV, every rating", onExport: csv },
        { label: "JSON, this report", onExport: json },
      ]}
    >
      <RatingsLoaded report={report} />
    </SettingsPage>
  );
}

/** The report once it is there; the compliance view shows it too. */
export function RatingsLoaded({ report }: { report: UseQueryResult<Report> }) {
  return (
    <Loaded query={report} height={360}>
      {(data) =>
        data.total ? (
          <RatingsShown report={data} total={data.total} />
        ) : (
          <Text>
            Nobody has rated anything yet. The question stands under every explanation, case and diagnosis.
          </Text>
        )
      }
    </Loaded>
  );
}

/** The report, drawn. */
function RatingsShown({ report, total }: { report: Report; total: Share }) {
  const weeks = useMemo(
    () => [
      {
        name: "useful",
        points: report.weeks.map(({ week, share }) => ({ time: week, value: share.share })),
      },
    ],
    [report.weeks],
  );
  const bands = useMemo(
    () => report.weeks.map(({ week, share }) => ({ time: week, lower: share.lower, upper: share.upper })),
    [report.weeks],
  );
  return (
    <>
      <Stats cols={3}>
        <Stat
          label="Found useful"
          value={percent(total.share, 0)}
          hint={`95 % interval ${percent(total.lower, 0)} to ${percent(total.upper, 0)}`}
        />
        <Stat label="Ratings" value={total.of} />
        <Stat label="Reasons given" value={report.reasons.length} hint="the newest 200 at most" />
      </Stats>
      <Title order={2} size="h4">
        By kind and layer
      </Title>
      <DataTable
        label="Ratings by kind and layer"
        rows={report.kinds}
        columns={KINDS}
        rowKey={(row) => `${row.kind} ${row.layer ?? ""}`}
      />
      {report.weeks.length > 1 && (
        <>
          <Title order={2} size="h4">
            By week
          </Title>
          <LineChart
            label="Share found useful, by week"
            series={weeks}
            bands={bands}
            bandName="95 % interval"
            unit="%"
            height={200}
          />
        </>
      )}
      <Title order={2} size="h4">
        Reasons
      </Title>
      <Reasons report={report} />
    </>
  );
}

function Reasons({ report }: { report: Report }) {
  const [said, setSaid] = useUrlState("said", "all");
  const rows = report.reasons.filter((one) => said === "all" || one.useful === (said === "useful"));
  return (
    <>
      <Select
        label="Said"
        size="xs"
        w={180}
        allowDeselect={false}
        data={[
          { value: "all", label: "All" },
          { value: "useful", label: "Useful" },
          { value: "not", label: "Not useful" },
        ]}
        value={said}
        onChange={(value) => setSaid(value ?? "all")}
      />
      <DataTable
        label="Reasons"
        rows={rows}
        columns={REASONS}
        rowKey={(row) => `${row.at} ${row.name} ${row.subject}`}
        empty="Nobody gave a reason."
      />
    </>
  );
}

const KINDS: readonly Column<OfKind>[] = [
  { key: "kind", title: "Kind" },
  { key: "layer", title: "Layer", render: (row) => row.layer ?? "all" },
  {
    key: "share",
    title: "Useful",
    numeric: true,
    sort: (row) => row.share.share,
    render: (row) => `${percent(row.share.share, 0)} (${row.share.useful} of ${row.share.of})`,
  },
  {
    key: "interval",
    title: "95 % interval",
    numeric: true,
    sort: (row) => row.share.lower,
    render: (row) => `${percent(row.share.lower, 0)} to ${percent(row.share.upper, 0)}`,
  },
  { key: "people", title: "People", numeric: true },
  { key: "subjects", title: "Things", numeric: true },
];
const REASONS: readonly Column<Reason>[] = [
  { key: "at", title: "When", render: (row) => moment(row.at) },
  { key: "name", title: "Who" },
  { key: "kind", title: "Kind", render: (row) => (row.layer ? `${row.kind}, ${row.layer}` : row.kind) },
  { key: "useful", title: "Said", render: (row) => (row.useful ? "useful" : "not useful") },
  { key: "why", title: "Why" },
  { key: "subject", title: "Of what" },
];
