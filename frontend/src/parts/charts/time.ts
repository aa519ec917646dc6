import type { Time, UTCTimestamp } from "lightweight-charts";
import { day, moment } from "../format";

/** A date (`2024-03-05`), a moment (ISO, UTC) or UTC seconds. */
export type ChartTime = string | number;

/** The time as the chart library takes it: days as days, moments as seconds. */
export function toTime(time: ChartTime): Time {
  if (typeof time === "number") return time as UTCTimestamp;
  if (time.length <= 10) return time;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(time) ? time : `${time}Z`;
  return Math.floor(Date.parse(zoned) / 1000) as UTCTimestamp;
}

/** The time in words. */
export function timeText(time: ChartTime): string {
  if (typeof time === "number") return moment(new Date(time * 1000).toISOString());
  return time.length <= 10 ? day(time) : moment(time);
}

/** A key that is equal for equal times, whichever way they were given. */
export function timeKey(time: ChartTime): string {
  return String(toTime(time));
}

/** In ascending order, the last of every time: what the chart library insists on. */
export function inOrder<T extends { time: ChartTime }>(points: readonly T[]): T[] {
  // Days are ordered as text is; to read each as a date takes longer than to draw it.
  const days = points.every((point) => typeof point.time === "string" && point.time.length === 10);
  if (days && points.every((point, i) => i === 0 || (points[i - 1] as T).time < point.time))
    return [...points];
  const keys = points.map((point) => order(point.time));
  const ordered = keys.every((key, i) => i === 0 || (keys[i - 1] as number) < key);
  if (ordered) return [...points];
  const last = new Map<number, T>();
  points.forEach((point, i) => {
    last.set(keys[i] as number, point);
  });
  return [...last.entries()].sort(([a], [b]) => a - b).map(([, point]) => point);
}

/** Seconds since 1970 of any time. */
export function order(time: ChartTime): number {
  const taken = toTime(time);
  return typeof taken === "number" ? taken : Date.parse(taken as string) / 1000;
}
