import { expect, test } from "vitest";
import { shareDone, titleOf } from "./words";

test("a title is the name of the file without its end", () => {
  expect(titleOf("my_prices-2024.CSV")).toBe("my prices 2024");
  expect(titleOf(".csv")).toBe("Prices");
});

test("the share of a job counts commands that ended and the present one in part", () => {
  const steps = [{ state: "done" }, { state: "running" }, { state: "waiting" }, { state: "waiting" }];
  expect(shareDone(steps)).toBe(0.25);
  expect(shareDone(steps, 6, 12)).toBe(0.375);
  expect(shareDone(steps, 20, 12)).toBe(0.5);
  expect(shareDone([])).toBe(0);
  expect(shareDone([{ state: "done" }], 3, 4)).toBe(1);
});
