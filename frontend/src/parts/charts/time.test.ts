import { expect, test } from "vitest";
import { inOrder, timeKey, timeText, toTime } from "./time";

test("days stay days, moments become seconds, equal times have equal keys", () => {
  expect(toTime("2024-03-05")).toBe("2024-03-05");
  expect(toTime("2024-03-05T00:00:10Z")).toBe(Date.UTC(2024, 2, 5) / 1000 + 10);
  expect(timeKey("2024-03-05T00:00:10")).toBe(timeKey(Date.UTC(2024, 2, 5) / 1000 + 10));
  expect(timeText("2024-03-05")).toBe("5 Mar 2024");
});

test("points come in order, the last of each time", () => {
  const points = [
    { time: "2024-03-06", value: 1 },
    { time: "2024-03-05", value: 2 },
    { time: "2024-03-06", value: 3 },
  ];
  expect(inOrder(points).map(({ value }) => value)).toEqual([2, 3]);
});
