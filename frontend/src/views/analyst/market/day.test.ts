import { expect, test } from "vitest";
import type { Bars } from "./data";
import { bandsOf, candlesOf, dayAt, hitsOf, indexOf, marksOf } from "./day";
import { barsOf } from "./windows";

const BARS: Bars = {
  project: "p",
  symbol: "AAA",
  name: null,
  sector: "Energy",
  daily: true,
  horizon: 1,
  time: ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"],
  open: [10, 10, 11, 12],
  high: [11, 11, 12, 13],
  low: [9, 9, 10, null],
  close: [10, 11, 12, 12],
  volume: [5, null, 7, 8],
  probability: [null, 0.6, 0.4, 0.7],
  expected: [null, 0.01, -0.01, 0.02],
  band_lower: [null, null, 10.5, 11],
  band_upper: [null, null, 11.5, 13],
  came: [null, 12 / 11 - 1, 0, null],
  outcome: [null, 1, 0, null],
  covered: 0.5,
  level: 0.8,
  next: { made: "2024-01-05", probability: 0.7, expected: 0.02, lower: 11.8, upper: 12.9 },
};

test("the interval of a forecast is the one of the bar after it", () => {
  expect(dayAt(BARS, 1)).toMatchObject({ lower: 10.5, upper: 11.5, inside: false, outcome: 1 });
  expect(dayAt(BARS, 2)).toMatchObject({ lower: 11, upper: 13, inside: true, outcome: 0 });
});

test("the last forecast has the interval of a bar that has not come", () => {
  expect(dayAt(BARS, 3)).toMatchObject({ lower: 11.8, upper: 12.9, came: null, inside: null });
});

test("a day that is not there gives the last forecast", () => {
  expect(indexOf(BARS, "2024-01-03")).toBe(1);
  expect(indexOf(BARS, "1999-01-01")).toBe(3);
});

test("only what is known is drawn", () => {
  expect(candlesOf(BARS).map((bar) => bar.time)).toEqual(["2024-01-02", "2024-01-03", "2024-01-04"]);
  expect(bandsOf(BARS)).toHaveLength(2);
  expect(marksOf(BARS, 2)).toEqual([{ time: "2024-01-04", text: "✗", tone: "bad" }]);
  expect(hitsOf(BARS, 4)).toEqual({ right: 1, judged: 2 });
  expect(barsOf("no such window")).toBe(126);
});
