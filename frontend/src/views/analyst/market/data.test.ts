import { expect, test } from "vitest";
import { besides, shownOf } from "./data";

const SYMBOLS = ["A", "B", "C", "D"].map((symbol) => ({ symbol }));

test("the symbols beside one are those its buttons lead to, round the ends", () => {
  expect(besides(SYMBOLS, "B")).toEqual(["C", "A", "D"]);
  expect(besides(SYMBOLS, "D")).toEqual(["A", "C", "B"]);
  expect(besides(SYMBOLS.slice(0, 2), "A")).toEqual(["B"]);
  expect(besides(SYMBOLS.slice(0, 1), "A")).toEqual([]);
  expect(besides(SYMBOLS, "Z")).toEqual([]);
});

test("a symbol that is not there gives way to the first", () => {
  expect(shownOf(SYMBOLS, "C")).toBe("C");
  expect(shownOf(SYMBOLS, "Z")).toBe("A");
  expect(shownOf([], "Z")).toBe("");
});
