import { describe, expect, it } from "vitest";
import { byFeature, byGroup } from "./choose";

const ROWS = [
  { feature: "rsi_14", group: "momentum", latest: 2, largest: 2, values: [0.1, 2] },
  { feature: "roc_5", group: "momentum", latest: 0.2, largest: 0.9, values: [0.9, 0.2] },
  { feature: "volume_5", group: "volume", latest: null, largest: 0.5, values: [0.5, null] },
];

describe("the lines of the map of drift", () => {
  it("shows of a group the feature that drifted most in each window", () => {
    expect(byGroup(ROWS)).toEqual([
      { name: "momentum (2)", feature: null, values: [0.9, 2] },
      { name: "volume (1)", feature: null, values: [0.5, null] },
    ]);
  });

  it("finds features by name and group, and stops at the most that are wanted", () => {
    expect(byFeature(ROWS, "", "5", 10).map((line) => line.name)).toEqual(["roc_5", "volume_5"]);
    expect(byFeature(ROWS, "momentum", "", 1).map((line) => line.name)).toEqual(["rsi_14"]);
  });
});
