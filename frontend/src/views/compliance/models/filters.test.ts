import { expect, test } from "vitest";
import type { Shapes } from "../../../api/client";
import { kept } from "./filters";

const row = (changes: Partial<Shapes["InventoryRow"]>) =>
  ({
    reference: "demo/1",
    stage: "draft",
    owner: "Ada",
    author: "ada",
    purpose: "rank stocks",
    use_case: "daily",
    data: "3fa9",
    tier: "low",
    card_complete: true,
    budget_kept: true,
    incidents: 0,
    ...changes,
  }) as Shapes["InventoryRow"];

const any = { text: "", stage: "", tier: "", lacking: false };

test("every condition must hold", () => {
  const rows = [row({}), row({ reference: "demo/2", stage: "champion", tier: "high", card_complete: false })];
  expect(kept(rows, any)).toHaveLength(2);
  expect(kept(rows, { ...any, text: " DEMO/2 " }).map((one) => one.reference)).toEqual(["demo/2"]);
  expect(kept(rows, { ...any, stage: "champion", tier: "low" })).toEqual([]);
  expect(kept(rows, { ...any, lacking: true }).map((one) => one.reference)).toEqual(["demo/2"]);
});

test("a version without an owner lacks something", () => {
  expect(kept([row({ owner: "" })], { ...any, lacking: true })).toHaveLength(1);
});
