import type { Band, Bar, Mark } from "../../../parts/charts/candles";
import type { Bars } from "./data";

/** What was forecast at one bar, and what came. */
export interface ForecastDay {
  index: number;
  time: string | number;
  close: number | null;
  probability: number | null;
  expected: number | null;
  lower: number | null;
  upper: number | null;
  came: number | null;
  outcome: number | null;
  /** Whether what came lay inside the interval; null where it has not come or there was none. */
  inside: boolean | null;
}

/** The place of a time among the bars; the last forecast where it is not among them. */
export function indexOf(bars: Bars, time: string): number {
  const found = (bars.time as readonly (string | number)[]).findIndex((one) => String(one) === time);
  if (found >= 0) return found;
  for (let i = bars.time.length - 1; i >= 0; i -= 1) if (bars.probability[i] != null) return i;
  return bars.time.length - 1;
}

/** What was forecast at the bar `index`; its interval stands `horizon` bars later. */
export function dayAt(bars: Bars, index: number): ForecastDay {
  const about = index + bars.horizon;
  const coming = about >= bars.time.length ? bars.next : null;
  const lower = coming ? coming.lower : (bars.band_lower[about] ?? null);
  const upper = coming ? coming.upper : (bars.band_upper[about] ?? null);
  const close = bars.close[index] ?? null;
  const came = bars.came[index] ?? null;
  const reached = close !== null && came !== null ? close * (1 + came) : null;
  return {
    index,
    time: bars.time[index] as string | number,
    close,
    probability: bars.probability[index] ?? null,
    expected: bars.expected[index] ?? null,
    lower,
    upper,
    came,
    outcome: bars.outcome[index] ?? null,
    inside:
      reached !== null && lower !== null && upper !== null ? reached >= lower && reached <= upper : null,
  };
}

/** The candles; bars that lack a price are left out. */
export function candlesOf(bars: Bars): Bar[] {
  return bars.time.flatMap((time, i) => {
    const [open, high, low, close] = [bars.open[i], bars.high[i], bars.low[i], bars.close[i]];
    if (open == null || high == null || low == null || close == null) return [];
    return [{ time, open, high, low, close, volume: bars.volume[i] ?? null }];
  });
}

/** The forecast intervals, each at the bar it is about. */
export function bandsOf(bars: Bars): Band[] {
  return bars.time.flatMap((time, i) => {
    const [lower, upper] = [bars.band_lower[i], bars.band_upper[i]];
    return lower == null || upper == null ? [] : [{ time, lower, upper }];
  });
}

/** Which of the newest forecasts were right, at the bars at which they were made. */
export function marksOf(bars: Bars, newest: number): Mark[] {
  const first = Math.max(0, bars.time.length - newest);
  return bars.time.slice(first).flatMap((time, i): Mark[] => {
    const outcome = bars.outcome[first + i];
    if (outcome == null) return [];
    return [outcome === 1 ? { time, text: "✓", tone: "good" } : { time, text: "✗", tone: "bad" }];
  });
}

/** How the newest judged forecasts did: hits and their number. */
export function hitsOf(bars: Bars, newest: number): { right: number; judged: number } {
  const judged = bars.outcome.slice(Math.max(0, bars.time.length - newest)).filter((one) => one != null);
  return { right: judged.filter((one) => one === 1).length, judged: judged.length };
}
