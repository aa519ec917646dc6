import { expect, test } from "vitest";
import { chosen, INITIAL, queryOf, within } from "./controls";

test("only what counts under the kind of weights is asked for", () => {
  expect(queryOf(INITIAL)).toMatchObject({ weights: "sign", least: 0 });
  expect(queryOf(INITIAL)).not.toHaveProperty("tail");
  expect(queryOf({ ...INITIAL, weights: "decile" })).toHaveProperty("tail", 0.1);
  expect(queryOf({ ...INITIAL, weights: "rank" })).not.toHaveProperty("least");
  expect(queryOf({ ...INITIAL, start: "2015-01-01" })).toMatchObject({ start: "2015-01-01" });
});

test("an address may hold anything", () => {
  expect(chosen("side", "sideways")).toBe("long_short");
  expect(chosen("execution", "close")).toBe("close");
  expect(within(9, 0, 0.5)).toBe(0.5);
});
