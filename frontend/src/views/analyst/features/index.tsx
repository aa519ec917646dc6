import { SegmentedControl, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useMemo } from "react";
import { CandleChart } from "../../../parts/charts/candles";
import { LineChart } from "../../../parts/charts/lines";
import { saveCsv, saveJson } from "../../../parts/export";
import { useOffered } from "../../../parts/offers";
import { Failure, Loaded } from "../../../parts/states";
import { useUrlState } from "../../../parts/url-state";
import { useBars, useOverview, useSymbol } from "../market/data";
import { candlesOf } from "../market/day";
import { SymbolBar } from "../market/symbol-bar";
import { barsOf, WINDOWS } from "../market/windows";
import { AnalystPage } from "../page";
import { About } from "./about";
import { type Catalogue, useCatalogue, useDistribution, useImportances, useValues } from "./data";
import { Drift } from "./drift";
import { FeatureList, rowsOf } from "./feature-list";

const DROP = ["symbol", "date", "feature"];

/** What the models are given: every feature, its values, and how it changed since training. */
export default function FeaturesPage() {
  return (
    <AnalystPage
      title="Features"
      drop={DROP}
      lead="What a model can be given, each known at the close of its bar: its values, its distribution in training and later, and how much forecasts lean on it."
    >
      {(project) => <Features project={project.name} />}
    </AnalystPage>
  );
}

function Features({ project }: { project: string }) {
  const catalogue = useCatalogue(project);
  return (
    <Loaded query={catalogue} height={480}>
      {(found) => <Chosen project={project} catalogue={found} />}
    </Loaded>
  );
}

function Chosen({ project, catalogue }: { project: string; catalogue: Catalogue }) {
  const importance = useImportances(project);
  const rows = useMemo(() => rowsOf(catalogue, importance.data), [catalogue, importance.data]);
  const first = catalogue.features.find((one) => one.used) ?? catalogue.features.find((one) => one.there);
  const [named, choose] = useUrlState("feature");
  const row = rows.find((one) => one.name === (named || first?.name)) ?? rows[0];
  const distribution = useDistribution(project, row?.name ?? "");
  const spans = distribution.data;
  useOffered(
    useMemo(
      () => [
        {
          label: "Features (CSV)",
          onExport: () =>
            saveCsv(`${project}-features.csv`, rows, [
              "name",
              "group",
              "words",
              "source",
              "window",
              "reads",
              "used",
              "share",
            ]),
        },
        ...(spans
          ? [
              {
                label: "Distribution (JSON)",
                onExport: () => saveJson(`${project}-${spans.feature}.json`, spans),
              },
            ]
          : []),
      ],
      [project, rows, spans],
    ),
  );
  if (!row) return null;
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <div>
          <FeatureList rows={rows} feature={row.name} onChoose={choose} />
          {importance.isFetching && (
            <Text size="xs" role="status">
              Measuring what the model leans on …
            </Text>
          )}
          {importance.error && <Failure error={importance.error} />}
        </div>
        <Stack gap="md">
          <About row={row} catalogue={catalogue} importance={importance.data} />
          <section aria-label="Training against later">
            <Title order={2} size="h4" mb="xs">
              Training against later
            </Title>
            <Loaded query={distribution} height={260}>
              {(found) => <Drift found={found} />}
            </Loaded>
          </section>
        </Stack>
      </SimpleGrid>
      <Along project={project} feature={row.name} />
    </Stack>
  );
}

/** The feature below the bars of a symbol. */
function Along({ project, feature }: { project: string; feature: string }) {
  const overview = useOverview(project);
  const [symbol, choose] = useSymbol(overview.data?.symbols ?? []);
  const [window, setWindow] = useUrlState("zoom", "1y");
  const bars = useBars(project, symbol);
  const values = useValues(project, feature, symbol);
  const newest = barsOf(window);
  const candles = useMemo(
    () => (bars.data ? candlesOf(bars.data).slice(Number.isFinite(newest) ? -newest : 0) : []),
    [bars.data, newest],
  );
  const series = useMemo(() => {
    const found = values.data;
    if (!found) return [];
    const from = Math.max(0, found.time.length - newest);
    const points = found.time.slice(from).map((time, i) => ({ time, value: found.values[from + i] ?? null }));
    return [{ name: found.feature, points }];
  }, [values.data, newest]);
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        Along the bars of a symbol
      </Title>
      <SymbolBar symbols={overview.data?.symbols ?? []} symbol={symbol} onChoose={choose}>
        <SegmentedControl
          aria-label="Shown"
          size="xs"
          value={window}
          onChange={setWindow}
          data={WINDOWS.map(({ value, label }) => ({ value, label }))}
        />
      </SymbolBar>
      <Loaded query={bars} height={240}>
        {() => <CandleChart label={`Bars of ${symbol}`} bars={candles} height={240} />}
      </Loaded>
      <Loaded query={values} height={160}>
        {() => <LineChart label={`${feature} of ${symbol}`} series={series} height={160} digits={4} />}
      </Loaded>
    </Stack>
  );
}
