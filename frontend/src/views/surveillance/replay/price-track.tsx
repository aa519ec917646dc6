import {
  createSeriesMarkers,
  LineSeries,
  LineType,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useMemo, useRef } from "react";
import { ChartFrame, useFrame } from "../../../parts/charts/frame";
import { count, number } from "../../../parts/format";
import type { Stretch } from "./book";
import { clockAt } from "./clock";
import type { Drawing, OwnEvent } from "./moments";
import classes from "./replay.module.css";

const HEIGHT = 210;
const MOST_MARKS = 240;

/** The mid price over the stretch, what the accounts traded on it, and where the replay stands. */
export function PriceTrack(props: {
  stretch: Stretch;
  drawn: Drawing;
  events: readonly OwnEvent[];
  now: number;
  onPick: (time: number) => void;
}) {
  const { stretch, drawn, events, now, onPick } = props;
  const label = `Mid price of ${stretch.symbol} and the accounts' trades`;
  const frame = useFrame(label, HEIGHT);
  const { chart, palette } = frame;
  const cursor = useRef<HTMLDivElement>(null);
  const places = useMemo(() => drawn.at.map((_, i) => i as UTCTimestamp), [drawn]);
  const trades = useMemo(() => events.filter((one) => one.traded), [events]);
  const placeOf = (time: number) =>
    Math.max(
      0,
      Math.min(
        drawn.at.length - 1,
        Math.round(
          ((time - stretch.start) / Math.max(1, stretch.end - stretch.start)) * (drawn.at.length - 1),
        ),
      ),
    );
  const place = placeOf(now);

  useEffect(() => {
    if (!chart) return;
    const clock = (t: Time) => clockAt(stretch, drawn.at[Number(t)] ?? stretch.start, 0);
    chart.applyOptions({
      localization: { timeFormatter: clock },
      timeScale: { tickMarkFormatter: clock, fixLeftEdge: true, fixRightEdge: true },
      handleScroll: false,
      handleScale: false,
    });
    const line = chart.addSeries(LineSeries, {
      color: palette.series[0],
      lineWidth: 2,
      lineType: LineType.WithSteps,
      priceLineVisible: false,
      lastValueVisible: false,
      priceFormat: { type: "custom", minMove: 0.0001, formatter: (x: number) => number(x, 4) },
    });
    line.setData(
      places.map((time, i) => {
        const mid = drawn.mid[i];
        return mid === null || mid === undefined ? { time } : { time, value: mid / stretch.price_unit };
      }),
    );
    const width = Math.max(1, stretch.end - stretch.start);
    const every = Math.ceil(trades.length / MOST_MARKS);
    const marks = trades
      .filter((_, i) => i % every === 0)
      .map((one): SeriesMarker<Time> => {
        const at = Math.round(((one.time - stretch.start) / width) * (drawn.at.length - 1));
        return {
          time: Math.max(0, Math.min(drawn.at.length - 1, at)) as UTCTimestamp,
          position: one.side > 0 ? "belowBar" : "aboveBar",
          shape: one.side > 0 ? "arrowUp" : "arrowDown",
          color: one.side > 0 ? palette.up : palette.down,
        };
      });
    createSeriesMarkers(line, marks);
    chart.timeScale().fitContent();
    return () => chart.removeSeries(line);
  }, [chart, drawn, trades, palette, stretch, places]);

  useEffect(() => {
    const x = chart?.timeScale().timeToCoordinate(place as UTCTimestamp) ?? null;
    if (!cursor.current) return;
    // Below the words over the chart, which take one line or more.
    cursor.current.style.top = `${frame.box.current?.parentElement?.offsetTop ?? 0}px`;
    cursor.current.style.display = x === null ? "none" : "block";
    if (x !== null) cursor.current.style.transform = `translateX(${x}px)`;
  });

  const mids = drawn.mid.filter((x): x is number => x !== null);
  const low = mids.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = mids.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const price = (x: number | null | undefined) =>
    x === null || x === undefined ? "no book" : number(x / stretch.price_unit, 4);
  return (
    <div className={classes.track}>
      <div ref={cursor} className={classes.cursor} style={{ display: "none" }} aria-hidden />
      <ChartFrame
        label={label}
        frame={frame}
        height={HEIGHT}
        times={places}
        when={(i) => `${clockAt(stretch, drawn.at[i] ?? 0)} UTC`}
        read={(i) => `mid ${price(drawn.mid[i])}`}
        onPick={(time) => onPick(drawn.at[Number(time)] ?? stretch.start)}
        move={(i) => {
          const value = drawn.mid[i];
          const line = chart?.panes()[0]?.getSeries()[0];
          if (line && value !== null && value !== undefined)
            chart?.setCrosshairPosition(value / stretch.price_unit, places[i] as Time, line);
        }}
      >
        From {clockAt(stretch, stretch.start)} to {clockAt(stretch, stretch.end)} UTC the mid price lay
        between {price(low)} and {price(high)} dollars; the accounts had {count(trades.length)} executions.
      </ChartFrame>
    </div>
  );
}
