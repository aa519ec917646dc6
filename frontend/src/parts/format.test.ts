import { describe, expect, test } from "vitest";
import { ago, basisPoints, day, moment, number, percent, points, signed } from "./format";

describe("numbers", () => {
  test.each([
    [number(1234.567), "1,234.57"],
    [number(-0.5), "−0.50"],
    [number(-0.001), "0.00"],
    [number(null), "–"],
    [number(Number.NaN), "–"],
    [percent(0.5312), "53.1 %"],
    [signed(0.25), "+0.25"],
    [signed(0.0001), "0.00"],
    [points(0.012), "+1.2 pp"],
    [basisPoints(0.0012), "12 bp"],
  ])("%s", (told, wanted) => expect(told).toBe(wanted));
});

describe("times are told in UTC", () => {
  test.each([
    [day("2024-03-05"), "5 Mar 2024"],
    [moment("2024-03-05T14:05:00Z"), "5 Mar 2024, 14:05 UTC"],
    [moment("2024-03-05T14:05:00"), "5 Mar 2024, 14:05 UTC"],
    [moment("2024-03-05T00:30:00+02:00"), "4 Mar 2024, 22:30 UTC"],
    [day("nonsense"), "–"],
    [day(null), "–"],
  ])("%s", (told, wanted) => expect(told).toBe(wanted));

  test.each([
    [5, "just now"],
    [45, "45 s ago"],
    [180, "3 min ago"],
    [7200, "2 h ago"],
    [90_000, "1 day ago"],
  ])("%i s", (seconds, wanted) => {
    const now = Date.UTC(2024, 2, 5);
    expect(ago(new Date(now - seconds * 1000).toISOString(), now)).toBe(wanted);
  });
});
