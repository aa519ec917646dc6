import { describe, expect, it } from "vitest";
import { type ComparedModels, pairOf, size, smooth } from "./chosen";

const models = (paired: string[], primary = "ensemble") => ({ paired, primary }) as ComparedModels;

describe("the two to compare", () => {
  it("are the primary model and the line beside it", () => {
    const own = models(["ensemble", "lstm", "logistic"]);
    expect(pairOf(own, own, { first: "", second: "" })).toEqual({ first: "ensemble", second: "logistic" });
  });

  it("are those of the address, where they exist and differ", () => {
    const own = models(["ensemble", "lstm", "logistic"]);
    expect(pairOf(own, own, { first: "lstm", second: "ensemble" })).toEqual({
      first: "lstm",
      second: "ensemble",
    });
    expect(pairOf(own, own, { first: "lstm", second: "lstm" })?.second).toBe("logistic");
    expect(pairOf(own, own, { first: "gone", second: "" })?.first).toBe("ensemble");
  });

  it("may be of two projects, and of none", () => {
    const own = models(["ensemble"]);
    const theirs = models(["ensemble", "logistic"]);
    expect(pairOf(own, theirs, { first: "", second: "" })).toEqual({ first: "ensemble", second: "ensemble" });
    expect(pairOf(own, own, { first: "", second: "" })).toBeNull();
    expect(pairOf(undefined, own, { first: "", second: "" })).toBeNull();
  });
});

it("smooths over days that are there", () => {
  expect(smooth([1, 3, 5, 7], 2)).toEqual([null, 2, 4, 6]);
  expect(smooth([], 3)).toEqual([]);
});

it("tells bytes as people read them", () => {
  expect([size(null), size(500), size(2048), size(3 * 1024 * 1024)]).toEqual([
    "–",
    "500 B",
    "2 kB",
    "3.0 MB",
  ]);
});
