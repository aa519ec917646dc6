import {
  CandlestickSeries,
  type CustomSeriesWhitespaceData,
  createSeriesMarkers,
  HistogramSeries,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  LineSeries,
  type SeriesMarker,
  type Time,
} from "lightweight-charts";
import { useEffect, useMemo, useRef } from "react";
import { count, number, percent } from "../format";
import { type BandData, BandSeries } from "./band-series";
import { ChartFrame, useFrame } from "./frame";
import { Legend, lineStyleOf } from "./legend";
import type { Tone } from "./palette";
import { type ChartTime, inOrder, timeKey, timeText, toTime } from "./time";

export interface Bar {
  time: ChartTime;
  open: number;
  high: number;
  low: number;
  close: number;
  volume?: number | null;
}

/** A range that is told for a time; what it is a range of is said by `bandName`. */
export interface Band {
  time: ChartTime;
  lower: number;
  upper: number;
}

export interface NamedLine {
  name: string;
  points: readonly { time: ChartTime; value: number }[];
  tone?: Tone;
}

export interface Mark {
  time: ChartTime;
  text: string;
  tone: Tone;
}

export interface CandleChartProps {
  label: string;
  bars: readonly Bar[];
  bands?: readonly Band[];
  /** What the bands are, as it is told: `forecast interval`. */
  bandName?: string;
  lines?: readonly NamedLine[];
  markers?: readonly Mark[];
  height?: number;
  /** How many of the newest bars are shown at first; the rest is reached by moving. All, when absent. */
  newest?: number;
  digits?: number;
  onPick?: (time: ChartTime) => void;
}

/**
 * Candles with their bands, lines and marks. Candles that rose are hollow and those that fell are full, so that nothing
 * hangs on the colour. Give `bars` and the rest the same objects between renders: they are taken anew when they change.
 */
export function CandleChart(props: CandleChartProps) {
  const { label, lines = NO_LINES, bandName = "band", height = 360, digits = 2, newest, onPick } = props;
  const bars = useMemo(() => inOrder(props.bars), [props.bars]);
  const bands = useMemo(() => inOrder(props.bands ?? []), [props.bands]);
  const markers = useMemo(() => inOrder(props.markers ?? []), [props.markers]);
  const frame = useFrame(label, height);
  const { chart, palette } = frame;
  const candles = useRef<ISeriesApi<"Candlestick"> | null>(null);
  const parts = useRef<Parts | null>(null);
  const band = useRef<ISeriesApi<"Custom"> | null>(null);
  const hasVolume = useMemo(() => bars.some((bar) => typeof bar.volume === "number"), [bars]);

  // What is drawn is made once and given other data when they change: making it anew takes longer than all the rest.
  useEffect(() => {
    if (!chart) return;
    const made = chart.addCustomSeries(new BandSeries(), {
      fill: palette.band,
      edge: palette.bandEdge,
      priceLineVisible: false,
      lastValueVisible: false,
    });
    band.current = made;
    return () => {
      band.current = null;
      chart.removeSeries(made);
    };
  }, [chart, palette]);

  // A series made anew has no data yet: the effect hangs on what it is made of, too.
  useEffect(() => {
    band.current?.setData(
      bands.map(({ time, lower, upper }) => ({ time: toTime(time), lower, upper })) as (
        | BandData
        | CustomSeriesWhitespaceData<Time>
      )[],
    );
  }, [chart, palette, bands]);

  useEffect(() => {
    if (!chart) return;
    const series = chart.addSeries(CandlestickSeries, {
      upColor: "transparent",
      borderUpColor: palette.up,
      wickUpColor: palette.up,
      downColor: palette.down,
      borderDownColor: palette.down,
      wickDownColor: palette.down,
      priceLineVisible: false,
      priceFormat: { type: "price", precision: digits, minMove: 10 ** -digits },
    });
    series.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: hasVolume ? 0.22 : 0.08 } });
    const volume = hasVolume
      ? chart.addSeries(HistogramSeries, {
          priceScaleId: "volume",
          priceFormat: { type: "volume" },
          priceLineVisible: false,
          lastValueVisible: false,
          color: palette.grid,
        })
      : null;
    volume?.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    const marks = createSeriesMarkers(series, []);
    candles.current = series;
    parts.current = { volume, marks };
    return () => {
      candles.current = null;
      parts.current = null;
      marks.detach();
      if (volume) chart.removeSeries(volume);
      chart.removeSeries(series);
    };
  }, [chart, hasVolume, palette, digits]);

  // A series made anew has no data yet: the effect hangs on what it is made of, too.
  useEffect(() => {
    // Other bars have other prices, whatever scale was set by hand.
    candles.current?.priceScale().applyOptions({ autoScale: true });
    candles.current?.setData(
      bars.map(({ time, open, high, low, close }) => ({ time: toTime(time), open, high, low, close })),
    );
    parts.current?.volume?.setData(
      bars.flatMap((bar) =>
        typeof bar.volume === "number" ? [{ time: toTime(bar.time), value: bar.volume }] : [],
      ),
    );
  }, [chart, bars, hasVolume, palette, digits]);

  useEffect(() => {
    if (!chart) return;
    const drawn = lines.map((line, i) => {
      const color = line.tone ? palette.tones[line.tone] : palette.series[i % palette.series.length];
      const series = chart.addSeries(LineSeries, {
        color,
        lineStyle: lineStyleOf(i),
        lineWidth: 2,
        priceLineVisible: false,
        lastValueVisible: false,
        crosshairMarkerVisible: false,
      });
      series.setData(inOrder(line.points).map(({ time, value }) => ({ time: toTime(time), value })));
      return series;
    });
    return () => {
      for (const series of drawn) chart.removeSeries(series);
    };
  }, [chart, lines, palette]);

  // A series made anew has no marks yet: the effect hangs on what it is made of, too.
  useEffect(() => {
    parts.current?.marks.setMarkers(
      markers.map(
        ({ time, text, tone }): SeriesMarker<Time> => ({
          time: toTime(time),
          text,
          color: palette.tones[tone],
          ...SHAPES[tone],
        }),
      ),
    );
  }, [chart, markers, palette, hasVolume, digits]);

  useEffect(() => {
    if (!chart || bars.length === 0) return;
    const scale = chart.timeScale();
    if (newest && newest < bars.length)
      scale.setVisibleLogicalRange({ from: bars.length - newest, to: bars.length + 1 });
    else scale.fitContent();
  }, [chart, bars, newest]);

  const times = useMemo(() => bars.map((bar) => bar.time), [bars]);
  const bandAt = useMemo(() => new Map(bands.map((band) => [timeKey(band.time), band])), [bands]);
  const marksAt = useMemo(() => new Map(markers.map((mark) => [timeKey(mark.time), mark])), [markers]);
  const lineAt = useMemo(
    () => lines.map((line) => new Map(line.points.map((point) => [timeKey(point.time), point.value]))),
    [lines],
  );

  function read(index: number) {
    const bar = bars[index];
    if (!bar) return null;
    const key = timeKey(bar.time);
    const before = bars[index - 1]?.close;
    const range = bandAt.get(key);
    const parts = [
      `open ${number(bar.open, digits)}`,
      `high ${number(bar.high, digits)}`,
      `low ${number(bar.low, digits)}`,
      `close ${number(bar.close, digits)}${before ? ` (${bar.close >= before ? "+" : ""}${percent(bar.close / before - 1, 2)})` : ""}`,
      typeof bar.volume === "number" ? `volume ${count(bar.volume)}` : null,
      range ? `${bandName} ${number(range.lower, digits)} to ${number(range.upper, digits)}` : null,
      ...lines.map((line, i) => {
        const value = lineAt[i]?.get(key);
        return value === undefined ? null : `${line.name} ${number(value, digits)}`;
      }),
      marksAt.get(key)?.text ?? null,
    ];
    return parts.filter(Boolean).join(" · ");
  }

  return (
    <ChartFrame
      label={label}
      frame={frame}
      height={height}
      times={times}
      read={read}
      onPick={onPick}
      move={(index) => {
        const bar = bars[index];
        if (chart && bar && candles.current)
          chart.setCrosshairPosition(bar.close, toTime(bar.time), candles.current);
      }}
      legend={<Legend series={lines} palette={palette} band={bands.length > 0 ? bandName : undefined} />}
    >
      {summaryOf(label, bars, digits)}
      {markers.length > 0 &&
        ` Marks: ${markers
          .slice(-20)
          .map((mark) => `${timeText(mark.time)} ${mark.text}`)
          .join("; ")}.`}
    </ChartFrame>
  );
}

/** What stands beside the candles and goes with them. */
interface Parts {
  volume: ISeriesApi<"Histogram"> | null;
  marks: ISeriesMarkersPluginApi<Time>;
}

const NO_LINES: readonly NamedLine[] = [];
const SHAPES: Record<Tone, Pick<SeriesMarker<Time>, "shape"> & { position: "aboveBar" | "belowBar" }> = {
  good: { shape: "arrowUp", position: "belowBar" },
  bad: { shape: "arrowDown", position: "aboveBar" },
  warning: { shape: "square", position: "aboveBar" },
  neutral: { shape: "circle", position: "aboveBar" },
  accent: { shape: "circle", position: "belowBar" },
};

function summaryOf(label: string, bars: readonly Bar[], digits: number): string {
  const first = bars[0];
  const last = bars[bars.length - 1];
  if (!first || !last) return `${label}: no bars.`;
  const high = bars.reduce((best, bar) => (bar.high > best.high ? bar : best), first);
  const low = bars.reduce((best, bar) => (bar.low < best.low ? bar : best), first);
  const bars_ = `${count(bars.length)} bars from ${timeText(first.time)} to ${timeText(last.time)}`;
  const ends = `first close ${number(first.close, digits)}, last close ${number(last.close, digits)}`;
  const range = `highest ${number(high.high, digits)} on ${timeText(high.time)}, lowest ${number(low.low, digits)} on ${timeText(low.time)}`;
  return `${label}: ${bars_}; ${ends}; ${range}.`;
}

export type { ChartTime };
