import { SegmentedControl, Stack, Table, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body, type Shapes } from "../../../api/client";
import { LineChart } from "../../../parts/charts/lines";
import { saveCsv, saveJson } from "../../../parts/export";
import { count, day, number, percent, signed } from "../../../parts/format";
import { useOffered } from "../../../parts/offers";
import { Stat, Stats } from "../../../parts/stat";
import { Loaded } from "../../../parts/states";
import { useUrlNumber } from "../../../parts/url-state";
import { AnalystPage } from "../page";

type View = Shapes["RegimesView"];
type Row = Shapes["RegimeSummary"];

/** Regimes of the market, as they were known at the time, and how forecasts did in each. */
export default function RegimesPage() {
  return (
    <AnalystPage
      title="Regimes"
      lead="States of the market that a hidden Markov model tells apart. Each probability uses what was known by the close of its session and nothing later."
    >
      {(project) => <Regimes project={project.name} />}
    </AnalystPage>
  );
}

function Regimes({ project }: { project: string }) {
  const [asked, setStates] = useUrlNumber("states", 3);
  const states = Math.min(5, Math.max(2, Math.round(asked)));
  const regimes = useQuery({
    queryKey: ["analyst", "regimes", project, states],
    queryFn: () =>
      body(api.GET("/api/analyst/regimes/{project}", { params: { path: { project }, query: { states } } })),
    placeholderData: keepPreviousData,
    staleTime: 600_000,
  });
  return (
    <Stack gap="md">
      <div>
        <Text size="xs" fw={500} id="states-label">
          Number of regimes
        </Text>
        <SegmentedControl
          aria-labelledby="states-label"
          size="xs"
          value={String(states)}
          onChange={(value) => setStates(Number(value))}
          data={["2", "3", "4", "5"]}
        />
      </div>
      <Loaded query={regimes} height={480}>
        {(found) => <Found found={found} />}
      </Loaded>
    </Stack>
  );
}

function Found({ found }: { found: View }) {
  const market = useMemo(
    () => [
      {
        name: "market, equal weights",
        points: found.time.map((time, i) => ({ time, value: found.market[i] ?? null })),
      },
    ],
    [found],
  );
  const probability = useMemo(
    () =>
      found.names.map((name, k) => ({
        label: `Probability of ${words(name)}`,
        series: [
          {
            name: words(name),
            kind: "area" as const,
            points: found.time.map((time, i) => ({ time, value: found.probability[k]?.[i] ?? null })),
          },
        ],
      })),
    [found],
  );
  useOffered(
    useMemo(
      () => [
        { label: "Probabilities (CSV)", onExport: () => saveDays(found) },
        { label: "All of it (JSON)", onExport: () => saveJson(`${found.project}-regimes.json`, found) },
      ],
      [found],
    ),
  );
  return (
    <Stack gap="md">
      <Stats>
        <Stat label="Likeliest now" value={words(found.now)} hint={`for ${count(found.since)} sessions`} />
        <Stat
          label="Regimes"
          value={found.states}
          hint={`told apart by ${found.observed.length} observations a session`}
        />
        <Stat
          label="Fitted on"
          value={`${count(found.fitted_rows)} sessions`}
          hint={`${day(found.fitted_from)} to ${day(found.fitted_until)}${found.before_forecasts ? ", before the first forecast" : ", the first half of the bars"}`}
        />
        <Stat
          label="BIC"
          value={number(found.bic, 0)}
          hint="of the sessions it was fitted on; the lower of two is better"
        />
      </Stats>
      <LineChart label="The market" series={market} height={220} digits={1} />
      <section aria-label="Probability of each regime">
        <Title order={2} size="h4" mb="xs">
          Probability of each regime
        </Title>
        <Stack gap="xs">
          {probability.map((one) => (
            <LineChart key={one.label} label={one.label} series={one.series} unit="%" height={110} zero />
          ))}
        </Stack>
      </section>
      <ByRegime rows={[...found.regimes, found.overall]} />
      <Text size="xs" c="dimmed">
        Observed: {found.observed.map((one) => one.replaceAll("_", " ")).join(", ")}. A session counts to the
        regime that was likeliest at its close. Accuracy is of forecasts out of sample made at those closes;
        its interval redraws blocks of days. Compare it with always forecasting a rise. Looking at several
        numbers of regimes is a search too.
      </Text>
    </Stack>
  );
}

function ByRegime({ rows }: { rows: readonly Row[] }) {
  return (
    <section aria-label="By regime">
      <Title order={2} size="h4" mb="xs">
        By regime
      </Title>
      <Table.ScrollContainer
        minWidth={820}
        type="native"
        aria-label="Figures by regime"
        tabIndex={0}
        role="region"
      >
        <Table fz="sm" verticalSpacing={5}>
          <Table.Thead>
            <Table.Tr>
              {[
                "Regime",
                "Share of sessions",
                "Usual length",
                "Market a day",
                "Volatility a year",
                "Forecasts",
                "Days",
                "Accuracy",
                "95 % interval",
                "Always a rise",
              ].map((title) => (
                <Table.Th key={title} scope="col">
                  {title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.name}>
                <Table.Th scope="row">{words(row.name)}</Table.Th>
                <Table.Td>{percent(row.share)}</Table.Td>
                <Table.Td>{row.duration == null ? "–" : `${number(row.duration, 0)} sessions`}</Table.Td>
                <Table.Td>
                  {row.market_return == null ? "–" : `${signed(row.market_return * 10_000, 1)} bp`}
                </Table.Td>
                <Table.Td>{percent(row.market_volatility)}</Table.Td>
                <Table.Td>{count(row.forecasts)}</Table.Td>
                <Table.Td>{count(row.days)}</Table.Td>
                <Table.Td fw={600}>{percent(row.accuracy)}</Table.Td>
                <Table.Td>
                  {row.lower == null ? "–" : `${percent(row.lower)} to ${percent(row.upper)}`}
                </Table.Td>
                <Table.Td>{percent(row.rises)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}

function saveDays(found: View) {
  const rows = found.time.map((time, i) => ({
    time,
    market: found.market[i],
    ...Object.fromEntries(found.names.map((name, k) => [name, found.probability[k]?.[i]])),
  }));
  saveCsv(`${found.project}-regimes.csv`, rows as Record<string, string | number | null | undefined>[], [
    "time",
    "market",
    ...found.names,
  ]);
}
