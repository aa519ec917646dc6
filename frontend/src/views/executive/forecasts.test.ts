import { expect, test } from "vitest";
import { doubtsOf, type Forecast, leanOf } from "./forecasts";

const one: Forecast = {
  symbol: "AAA",
  name: null,
  sector: null,
  date: "2024-01-05",
  probability: 0.57,
  side: "rise",
  strength: "moderate",
  expected_return: null,
  lower: null,
  upper: null,
  why: null,
  doubts: ["dissent", "unheard of"],
  explanation: null,
};

test("a lean is told in words, and none where there is none", () => {
  expect(leanOf(one)).toBe("moderate lean to a rise");
  expect(leanOf({ ...one, side: "fall", strength: "slight" })).toBe("slight lean to a fall");
  expect(leanOf({ ...one, side: "none", probability: 0.5 })).toBe("no lean");
});

test("signs of low confidence have plain names; a new one keeps its own", () => {
  expect(doubtsOf(one)).toEqual(["members disagree", "unheard of"]);
});
