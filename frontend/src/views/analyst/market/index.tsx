import { Alert, Checkbox, Group, SegmentedControl, Skeleton, Stack, Text } from "@mantine/core";
import { useDeferredValue, useEffect, useMemo } from "react";
import { CandleChart } from "../../../parts/charts/candles";
import { LineChart } from "../../../parts/charts/lines";
import { saveCsv, savePng } from "../../../parts/export";
import { count, day, percent } from "../../../parts/format";
import { useOffered } from "../../../parts/offers";
import { Stat, Stats } from "../../../parts/stat";
import { Loaded } from "../../../parts/states";
import { useUrlFlag, useUrlState } from "../../../parts/url-state";
import { AnalystPage } from "../page";
import { type Bars, besides, type Overview, useBars, useNear, useOverview, useSymbol } from "./data";
import { bandsOf, candlesOf, dayAt, hitsOf, indexOf, marksOf } from "./day";
import { DayPanel } from "./day-panel";
import { SymbolBar } from "./symbol-bar";
import { SymbolTable } from "./symbol-table";
import { barsOf, WINDOWS } from "./windows";

const MOST_MARKS = 126;
const DROP = ["symbol", "date", "find"];
/** Milliseconds after a drawing until others are asked for: the drawing itself takes about as long. */
const QUIET = 60;
const COIN = [{ value: 0.5, name: "even" }];

/** Bars of a symbol with what was forecast at them, out of sample, and what came. */
export default function MarketPage() {
  return (
    <AnalystPage
      title="Market"
      drop={DROP}
      lead="Bars of a symbol, with the forecasts made at them out of sample: none of them was learned from."
    >
      {(project) => <Market project={project.name} />}
    </AnalystPage>
  );
}

function Market({ project }: { project: string }) {
  const overview = useOverview(project);
  return (
    <Loaded query={overview} height={480}>
      {(found) => <Chosen overview={found} />}
    </Loaded>
  );
}

function Chosen({ overview }: { overview: Overview }) {
  const [symbol, choose] = useSymbol(overview.symbols);
  const bars = useBars(overview.project, symbol);
  const [window, setWindow] = useUrlState("zoom", "6m");
  const near = useNear(overview.project);
  const shown = bars.data?.symbol;
  // Once a symbol is drawn, those beside it come: they are likely next.
  useEffect(() => {
    if (shown !== symbol) return;
    const soon = setTimeout(() => besides(overview.symbols, symbol).forEach(near), QUIET);
    return () => clearTimeout(soon);
  }, [overview.symbols, symbol, shown, near]);
  // The chart is what is looked at first; the table below it is drawn right after.
  const drawn = useDeferredValue(true, false);
  return (
    <Stack gap="md">
      {overview.absent && (
        <Alert color="gray" title="There are no forecasts out of sample yet">
          {overview.absent}
        </Alert>
      )}
      {overview.verdict && (
        <Text size="sm">
          Forecasts from {day(overview.first_forecast)} to {day(overview.last_forecast)}: {overview.verdict}.
        </Text>
      )}
      <Group gap="md" align="flex-end">
        <SymbolBar symbols={overview.symbols} symbol={symbol} onChoose={choose} />
        <div>
          <Text size="xs" fw={500} id="zoom-label">
            Shown
          </Text>
          <SegmentedControl
            aria-labelledby="zoom-label"
            size="xs"
            value={window}
            onChange={setWindow}
            data={WINDOWS.map(({ value, label }) => ({ value, label }))}
          />
        </div>
      </Group>
      <Loaded query={bars} height={480}>
        {(found) => <Drawn bars={found} window={window} />}
      </Loaded>
      {drawn ? (
        <SymbolTable symbols={overview.symbols} symbol={symbol} onChoose={choose} onNear={near} />
      ) : (
        <Skeleton height={480} aria-hidden />
      )}
    </Stack>
  );
}

function Drawn({ bars, window }: { bars: Bars; window: string }) {
  const [date, setDate] = useUrlState("date");
  const [band, setBand] = useUrlFlag("band", true);
  const [marked, setMarked] = useUrlFlag("marks", true);
  const newest = barsOf(window);
  const candles = useMemo(() => candlesOf(bars), [bars]);
  const bands = useMemo(() => (band ? bandsOf(bars) : []), [bars, band]);
  const marks = useMemo(
    () => (marked && newest <= MOST_MARKS ? marksOf(bars, newest) : []),
    [bars, marked, newest],
  );
  const probability = useMemo(() => {
    const first = Math.max(0, bars.time.length - newest);
    const points = bars.time
      .slice(first)
      .map((time, i) => ({ time, value: bars.probability[first + i] ?? null }));
    return [{ name: "probability of a rise", points }];
  }, [bars, newest]);
  useOffered(
    useMemo(
      () => [
        { label: "Bars and forecasts (CSV)", onExport: () => saveDays(bars) },
        {
          label: "Picture of the chart (PNG)",
          onExport: () => savePng(`Bars of ${bars.symbol}`, `${bars.project}-${bars.symbol}`),
        },
      ],
      [bars],
    ),
  );
  const index = indexOf(bars, date);
  const hits = hitsOf(bars, newest);
  const forecast = bars.probability.some((one) => one != null);
  const pick = (time: string | number) => setDate(String(time));
  return (
    <Stack gap="md">
      <Group gap="md">
        <Checkbox
          size="xs"
          label="Forecast interval"
          checked={band}
          onChange={(e) => setBand(e.currentTarget.checked)}
        />
        <Checkbox
          size="xs"
          label={`Right (✓) and wrong (✗)${newest > MOST_MARKS ? ", up to 6 months" : ""}`}
          checked={marked}
          onChange={(e) => setMarked(e.currentTarget.checked)}
        />
        <Text size="xs" c="dimmed">
          Prices are adjusted for splits and dividends. Choose a day in the chart to see what was forecast at
          it.
        </Text>
      </Group>
      <CandleChart
        label={`Bars of ${bars.symbol}`}
        bars={candles}
        bands={bands}
        bandName={bars.level ? `interval that promises ${percent(bars.level, 0)}` : "forecast interval"}
        markers={marks}
        newest={Number.isFinite(newest) ? newest : undefined}
        height={380}
        onPick={pick}
      />
      {forecast && (
        <>
          <LineChart
            label={`Probability of a rise of ${bars.symbol}`}
            series={probability}
            unit="%"
            height={150}
            levels={COIN}
            onPick={pick}
          />
          <Stats>
            <Stat
              label="Right, in what is shown"
              value={hits.judged ? percent(hits.right / hits.judged) : "–"}
              hint={`${count(hits.right)} of ${count(hits.judged)} forecasts; of one symbol and few days it says little`}
            />
            <Stat
              label="Interval held what came"
              value={percent(bars.covered)}
              hint={
                bars.level
                  ? `it promises ${percent(bars.level, 0)}; all forecasts of this symbol`
                  : "all forecasts"
              }
            />
            <Stat
              label="Next forecast"
              value={bars.next ? percent(bars.next.probability) : "–"}
              hint={
                bars.next ? "probability of a rise; its bar has not come" : "the bar of the last one has come"
              }
            />
            <Stat label="Bars" value={count(bars.time.length)} hint={bars.sector} />
          </Stats>
        </>
      )}
      <DayPanel bars={bars} index={index} onGo={(to) => pick(bars.time[to] as string | number)} />
    </Stack>
  );
}

const COLUMNS = ["time", "close", "probability", "expected", "lower", "upper", "came", "outcome"] as const;

function saveDays(bars: Bars) {
  saveCsv(
    `${bars.project}-${bars.symbol}.csv`,
    bars.time.map((_, i) => dayAt(bars, i)),
    [...COLUMNS],
  );
}
