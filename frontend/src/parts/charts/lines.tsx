import {
  AreaSeries,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  LineSeries,
  LineStyle,
  LineType,
  type SeriesMarker,
  type Time,
} from "lightweight-charts";
import { useEffect, useMemo, useRef } from "react";
import { inUnit } from "../format";
import { type BandData, BandSeries } from "./band-series";
import type { Band, Mark } from "./candles";
import { ChartFrame, useFrame } from "./frame";
import { Legend, lineStyleOf } from "./legend";
import type { Palette, Tone } from "./palette";
import { type ChartTime, inOrder, order, timeKey, timeText, toTime } from "./time";

export interface Series {
  name: string;
  points: readonly { time: ChartTime; value: number | null }[];
  tone?: Tone;
  /** A line, unless it is said otherwise. */
  kind?: "line" | "area" | "step" | "histogram";
}

export interface LineChartProps {
  label: string;
  series: readonly Series[];
  height?: number;
  /** `%` and `bp` take fractions; any other unit follows the number. */
  unit?: string;
  digits?: number;
  /** Draw a line at nought and keep it in sight. */
  zero?: boolean;
  /** Further levels to draw: a threshold, a base rate. */
  levels?: readonly { value: number; name: string; tone?: Tone }[];
  bands?: readonly Band[];
  bandName?: string;
  /** Marks on the first series. */
  markers?: readonly Mark[];
  onPick?: (time: ChartTime) => void;
}

type Drawn = ISeriesApi<"Line"> | ISeriesApi<"Area"> | ISeriesApi<"Histogram">;

/** Lines over time. Give `series` the same object between renders: it is drawn anew when it changes. */
export function LineChart(props: LineChartProps) {
  const { label, series, height = 260, unit, digits = 3, zero = false, levels, bandName = "band" } = props;
  const bands = useMemo(() => inOrder(props.bands ?? []), [props.bands]);
  const markers = useMemo(() => inOrder(props.markers ?? []), [props.markers]);
  const frame = useFrame(label, height);
  const { chart, palette } = frame;
  const drawn = useRef<Drawn[]>([]);
  const marked = useRef<ISeriesMarkersPluginApi<Time> | null>(null);

  useEffect(() => {
    if (!chart || bands.length === 0) return;
    const band = chart.addCustomSeries(new BandSeries(), {
      fill: palette.band,
      edge: palette.bandEdge,
      priceLineVisible: false,
      lastValueVisible: false,
      priceFormat: { type: "custom", minMove: 1e-8, formatter: (x: number) => inUnit(x, unit, digits) },
    });
    band.setData(bands.map(({ time, lower, upper }): BandData => ({ time: toTime(time), lower, upper })));
    return () => chart.removeSeries(band);
  }, [chart, bands, palette, unit, digits]);

  // What is drawn is made once and given other data when they change, as long as it looks alike.
  const looks = JSON.stringify(series.map(lookOf));
  useEffect(() => {
    if (!chart) return;
    const format = {
      type: "custom" as const,
      minMove: 1e-8,
      formatter: (x: number) => inUnit(x, unit, digits),
    };
    drawn.current = (JSON.parse(looks) as Look[]).map((look, i) => {
      const made = draw(chart, look, i, palette);
      made.applyOptions({
        priceFormat: format,
        ...(zero ? { autoscaleInfoProvider: withNought } : {}),
      });
      return made;
    });
    const base = drawn.current[0];
    const lines = [
      ...(zero ? [{ value: 0, name: "", tone: undefined }] : []),
      ...(levels ?? []).map((level) => ({ ...level })),
    ];
    for (const { value, name, tone } of lines)
      base?.createPriceLine({
        price: value,
        title: name,
        color: tone ? palette.tones[tone] : palette.cross,
        lineWidth: 1,
        lineStyle: name ? LineStyle.Dashed : LineStyle.Solid,
        axisLabelVisible: name !== "",
      });
    const marks = base ? createSeriesMarkers<Time>(base, []) : null;
    marked.current = marks;
    return () => {
      marked.current = null;
      marks?.detach();
      for (const made of drawn.current) chart.removeSeries(made);
      drawn.current = [];
    };
  }, [chart, looks, palette, unit, digits, zero, levels]);

  // A series made anew has no data yet: the effect hangs on what it is made of, too.
  useEffect(() => {
    drawn.current.forEach((made, i) => {
      made.setData(
        inOrder(series[i]?.points ?? []).map(({ time, value }) =>
          value === null ? { time: toTime(time) } : { time: toTime(time), value },
        ),
      );
    });
    chart?.timeScale().fitContent();
  }, [chart, series, looks, palette, unit, digits, zero, levels]);

  // A series made anew has no marks yet: the effect hangs on what it is made of, too.
  useEffect(() => {
    marked.current?.setMarkers(
      markers.map(
        ({ time, text, tone }): SeriesMarker<Time> => ({
          time: toTime(time),
          text,
          color: palette.tones[tone],
          shape: tone === "bad" ? "arrowDown" : tone === "good" ? "arrowUp" : "circle",
          position: "aboveBar",
        }),
      ),
    );
  }, [chart, looks, markers, palette, unit, digits, zero, levels]);

  const times = useMemo(() => {
    const all = new Map<string, ChartTime>();
    for (const one of series) for (const point of one.points) all.set(timeKey(point.time), point.time);
    return [...all.values()].sort((a, b) => order(a) - order(b));
  }, [series]);
  const valueAt = useMemo(
    () => series.map((one) => new Map(one.points.map((point) => [timeKey(point.time), point.value]))),
    [series],
  );

  const bandAt = useMemo(() => new Map(bands.map((band) => [timeKey(band.time), band])), [bands]);

  function read(index: number) {
    const time = times[index];
    if (time === undefined) return null;
    const band = bandAt.get(timeKey(time));
    const told = series.map((one, i) => {
      const value = valueAt[i]?.get(timeKey(time));
      return value === undefined || value === null ? null : `${one.name} ${inUnit(value, unit, digits)}`;
    });
    if (band)
      told.push(`${bandName} ${inUnit(band.lower, unit, digits)} to ${inUnit(band.upper, unit, digits)}`);
    return told.filter(Boolean).join(" · ");
  }

  return (
    <ChartFrame
      label={label}
      frame={frame}
      height={height}
      times={times}
      read={read}
      onPick={props.onPick}
      move={(index) => {
        const time = times[index];
        if (!chart || time === undefined) return;
        const which = valueAt.findIndex((values) => typeof values.get(timeKey(time)) === "number");
        const on = drawn.current[which];
        if (on) chart.setCrosshairPosition(valueAt[which]?.get(timeKey(time)) as number, toTime(time), on);
      }}
      legend={
        series.length > 1 || bands.length > 0 ? (
          <Legend series={series} palette={palette} band={bands.length > 0 ? bandName : undefined} />
        ) : undefined
      }
    >
      <Ends label={label} series={series} unit={unit} digits={digits} />
    </ChartFrame>
  );
}

/** What stands for the lines in words: where each begins and ends, and its extremes. */
function Ends({ label, series, unit, digits }: Pick<LineChartProps, "label" | "series" | "unit" | "digits">) {
  return (
    <table>
      <caption>{label}</caption>
      <thead>
        <tr>
          {["Line", "From", "First", "To", "Last", "Lowest", "Highest"].map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {series.map(({ name, points }) => {
          const known = points.filter((point) => point.value !== null);
          const first = known[0];
          const last = known[known.length - 1];
          if (!first || !last) return null;
          const values = known.map((point) => point.value as number);
          const text = (x: number | null) => inUnit(x, unit, digits);
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{timeText(first.time)}</td>
              <td>{text(first.value)}</td>
              <td>{timeText(last.time)}</td>
              <td>{text(last.value)}</td>
              <td>{text(values.reduce((a, b) => Math.min(a, b)))}</td>
              <td>{text(values.reduce((a, b) => Math.max(a, b)))}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** What a series looks like, whatever its values. */
interface Look extends Pick<Series, "kind" | "tone"> {
  single: boolean;
}

function lookOf({ kind, tone, points }: Series): Look {
  return { kind, tone, single: points.length === 1 };
}

function draw(chart: IChartApi, one: Look, i: number, palette: Palette): Drawn {
  const color = (one.tone ? palette.tones[one.tone] : palette.series[i % palette.series.length]) as string;
  const quiet = { priceLineVisible: false, lastValueVisible: false };
  if (one.kind === "histogram") return chart.addSeries(HistogramSeries, { ...quiet, color });
  if (one.kind === "area")
    return chart.addSeries(AreaSeries, {
      ...quiet,
      lineColor: color,
      topColor: `${color}55`,
      bottomColor: `${color}08`,
      lineWidth: 2,
    });
  return chart.addSeries(LineSeries, {
    ...quiet,
    color,
    lineWidth: 2,
    lineStyle: lineStyleOf(i),
    lineType: one.kind === "step" ? LineType.WithSteps : LineType.Simple,
    pointMarkersVisible: one.single,
  });
}

interface Scaled {
  priceRange: { minValue: number; maxValue: number } | null;
}

function withNought<T extends Scaled>(original: () => T | null): T | null {
  const info = original();
  if (!info?.priceRange) return info;
  const { minValue, maxValue } = info.priceRange;
  return { ...info, priceRange: { minValue: Math.min(0, minValue), maxValue: Math.max(0, maxValue) } };
}
