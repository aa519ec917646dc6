import { describe, expect, it } from "vitest";
import {
  endsOf,
  type Feature,
  isBeyond,
  readScenarios,
  readValues,
  shown,
  sliderFeatures,
  writeScenarios,
  writeValues,
} from "./changes";

const feature = (over: Partial<Feature> = {}): Feature => ({
  name: "rsi_14",
  words: "relative strength index",
  group: "momentum",
  form: { scale: 1, digits: 1, signed: false, suffix: "" },
  value: 40,
  gives: 0.01,
  low: 20,
  high: 80,
  marks: [25, 40, 50, 60, 75],
  ...over,
});

describe("changes in the address", () => {
  it("come back as they were written", () => {
    const values = { rsi_14: 20.5, return_1: -0.05 };
    expect(readValues(writeValues(values))).toEqual(values);
    expect(readScenarios(writeScenarios(["price -5%", "volume x2"]))).toEqual(["price -5%", "volume x2"]);
  });

  it("pass over what is no number", () => {
    expect(readValues("rsi_14:abc,:3,return_1:,x:2")).toEqual({ x: 2 });
    expect(readValues("")).toEqual({});
    expect(readScenarios("")).toEqual([]);
  });
});

describe("a value", () => {
  it("is printed as the explanation prints it", () => {
    expect(shown(feature(), 40)).toBe("40.0");
    expect(shown(feature(), null)).toBe("missing");
    const share = feature({ form: { scale: 100, digits: 2, signed: true, suffix: " %" } });
    expect(shown(share, 0.0123)).toBe("+1.23 %");
    expect(shown(share, -0.0123)).toBe("−1.23 %");
    expect(shown(share, -0.00001)).toBe("0.00 %");
    expect(shown(feature({ form: { scale: 1, digits: null, signed: false, suffix: "" } }), 0.12345)).toBe(
      "0.123",
    );
  });

  it("is told to lie beyond training", () => {
    expect(isBeyond(feature(), 81)).toBe(true);
    expect(isBeyond(feature(), 80)).toBe(false);
  });
});

describe("sliders", () => {
  it("reach a tenth beyond training, and to the value", () => {
    expect(endsOf(feature())).toEqual([14, 86]);
    expect(endsOf(feature({ value: 5 }))[0]).toBe(5);
  });

  it("are given to the first eight, and to what was asked for or moved", () => {
    const many = Array.from({ length: 12 }, (_, i) => feature({ name: `f${i}` }));
    expect(
      sliderFeatures(many, ["f10"], ["f11"])
        .map((one) => one.name)
        .slice(8),
    ).toEqual(["f10", "f11"]);
  });
});
