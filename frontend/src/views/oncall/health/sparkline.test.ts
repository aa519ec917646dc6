import { expect, it } from "vitest";
import { pathOf } from "./sparkline";

it("draws from the lowest to the highest and begins anew after a gap", () => {
  expect(pathOf([0, 10, null, 5], 30, 20)).toBe("M0.0,18.0L10.0,2.0M30.0,10.0");
  expect(pathOf([null, null], 30, 20)).toBe("");
});
