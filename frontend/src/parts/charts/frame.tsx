import { Box, Text, VisuallyHidden } from "@mantine/core";
import { createChart, type IChartApi, type MouseEventParams, type Time } from "lightweight-charts";
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { noteDrawn } from "./drawn";
import classes from "./frame.module.css";
import { chartOptions, type Palette, usePalette } from "./palette";
import { type ChartTime, timeKey, timeText } from "./time";

/** What a chart draws into: made once, and told when colours or data change. */
export interface Frame {
  chart: IChartApi | null;
  box: RefObject<HTMLDivElement | null>;
  palette: Palette;
}

/** Make the chart in its box. Without a canvas (an old browser, a test) there is none, and the text remains. */
export function useFrame(label: string, height: number): Frame {
  const box = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<IChartApi | null>(null);
  const palette = usePalette();
  const first = useRef(palette);

  useEffect(() => {
    const element = box.current;
    if (!element || !document.createElement("canvas").getContext("2d")) return;
    const made = createChart(element, { autoSize: true, ...chartOptions(first.current) });
    // The library lays the chart out in a table; it is no table to read.
    for (const table of element.querySelectorAll("table")) table.setAttribute("role", "presentation");
    setChart(made);
    return () => {
      setChart(null);
      // After what was drawn into it has been taken out: those effects came later and are undone later.
      queueMicrotask(() => made.remove());
    };
  }, []);
  useEffect(() => (chart ? noteDrawn(label, chart) : undefined), [chart, label]);
  useEffect(() => {
    chart?.applyOptions(chartOptions(palette));
  }, [chart, palette]);
  useEffect(() => {
    if (box.current) box.current.style.height = `${height}px`;
  }, [height]);
  return { chart, box, palette };
}

/**
 * The frame of a chart: what lies under the pointer in words, and the keyboard. Left and right move by a point, Page up
 * and down by twenty, Home and End to the ends, plus and minus zoom, Enter picks.
 */
export function ChartFrame({
  label,
  frame,
  height,
  times,
  read,
  when,
  onPick,
  move,
  legend,
  children,
}: {
  label: string;
  frame: Frame;
  height: number;
  times: readonly ChartTime[];
  /** The values at a point, in words. */
  read: (index: number) => ReactNode;
  /** The time of a point in words, where `times` are no times of the calendar. */
  when?: (index: number) => ReactNode;
  onPick?: (time: ChartTime) => void;
  /** Put the cross on a point. */
  move: (index: number) => void;
  legend?: ReactNode;
  /** The text that stands for the chart, for who cannot see it. */
  children: ReactNode;
}) {
  const { chart, box } = frame;
  const [at, setAt] = useState<number | null>(null);
  const [keyed, setKeyed] = useState(false);
  const latest = useRef({ times, onPick });
  latest.current = { times, onPick };

  useEffect(() => {
    if (!chart) return;
    let known: { times: readonly ChartTime[]; index: Map<string, number> } | null = null;
    const indexOf = (time: Time | undefined): number | null => {
      if (time === undefined) return null;
      const { times: now } = latest.current;
      if (known?.times !== now) known = { times: now, index: new Map(now.map((t, i) => [timeKey(t), i])) };
      return known.index.get(typeof time === "object" ? dateOf(time) : String(time)) ?? null;
    };
    const over = (event: MouseEventParams<Time>) => {
      if (!event.sourceEvent) return; // moved by the keyboard
      setKeyed(false);
      setAt(indexOf(event.time));
    };
    const click = (event: MouseEventParams<Time>) => {
      const index = indexOf(event.time);
      const time = index === null ? undefined : latest.current.times[index];
      if (time !== undefined) latest.current.onPick?.(time);
    };
    chart.subscribeCrosshairMove(over);
    chart.subscribeClick(click);
    return () => {
      chart.unsubscribeCrosshairMove(over);
      chart.unsubscribeClick(click);
    };
  }, [chart]);

  const last = times.length - 1;
  const shown = at !== null && at <= last ? at : last;

  function go(index: number) {
    const to = Math.max(0, Math.min(last, index));
    setKeyed(true);
    setAt(to);
    const scale = chart?.timeScale();
    const range = scale?.getVisibleLogicalRange();
    if (range && scale && (to < range.from || to > range.to)) {
      const half = (range.to - range.from) / 2;
      scale.setVisibleLogicalRange({ from: to - half, to: to + half });
    }
    move(to);
  }

  function zoom(by: number) {
    const scale = chart?.timeScale();
    const range = scale?.getVisibleLogicalRange();
    if (!scale || !range) return;
    const middle = keyed ? shown : (range.from + range.to) / 2;
    scale.setVisibleLogicalRange({
      from: middle - (middle - range.from) * by,
      to: middle + (range.to - middle) * by,
    });
  }

  function press(event: KeyboardEvent) {
    if (last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const time = times[shown];
    const acts: Record<string, () => void> = {
      ArrowLeft: () => go(shown - 1),
      ArrowRight: () => go(shown + 1),
      PageUp: () => go(shown - 20),
      PageDown: () => go(shown + 20),
      Home: () => go(0),
      End: () => go(last),
      "+": () => zoom(0.7),
      "=": () => zoom(0.7),
      "-": () => zoom(1 / 0.7),
      "0": () => chart?.timeScale().fitContent(),
      Enter: () => time !== undefined && onPick?.(time),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  const time = times[shown];
  const words = time === undefined ? "No data" : null;
  return (
    <figure className={classes.figure} aria-label={label}>
      <Text component="div" size="xs" className={classes.reading} aria-live={keyed ? "polite" : "off"}>
        {words ?? (
          <>
            <b>{when ? when(shown) : timeText(time as ChartTime)}</b> {read(shown)}
          </>
        )}
      </Text>
      {legend}
      <Box
        className={classes.box}
        tabIndex={0}
        role="application"
        aria-roledescription="chart"
        aria-label={`${label}. Arrow keys read the points, plus and minus zoom${onPick ? ", Enter picks one" : ""}.`}
        onKeyDown={press}
        onBlur={() => setKeyed(false)}
        style={{ height }}
      >
        <div ref={box} aria-hidden="true" style={{ height }} />
      </Box>
      <VisuallyHidden>{children}</VisuallyHidden>
    </figure>
  );
}

function dateOf(time: { year: number; month: number; day: number }): string {
  const two = (x: number) => String(x).padStart(2, "0");
  return `${time.year}-${two(time.month)}-${two(time.day)}`;
}
