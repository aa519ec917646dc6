import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { enter } from "./people";
import { settled } from "./pictures";

/** What comes as a file when `start` is done: its name and its bytes. */
async function taken(page: Page, start: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent("download"), start()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** What the menu of exports gives under `label`. */
function exported(page: Page, label: string): ReturnType<typeof taken> {
  return taken(page, async () => {
    await page.getByRole("button", { name: "Export" }).first().click();
    await page.getByRole("menuitem", { name: label }).click();
  });
}

test("forecasts as CSV are those on the page", async ({ page }) => {
  await enter(page, "executive");
  await page.goto("/executive?project=demo");
  await settled(page);
  const { name, bytes } = await exported(page, "Forecasts (CSV)");
  expect(name).toBe("demo-forecasts.csv");
  const [head, ...rows] = bytes.toString("utf8").trimEnd().split("\r\n");
  expect(head).toMatch(/^symbol,name,sector,date,probability,/);
  const table = page.getByRole("region", { name: "Forecasts" }).locator("tbody tr");
  await expect(table).toHaveCount(rows.length);
  for (const row of rows)
    await expect(table.filter({ hasText: row.split(",")[0] ?? "no symbol" })).toHaveCount(1);
});

test("a chart as a picture is one", async ({ page }) => {
  await enter(page, "analyst");
  await page.goto("/analyst/market?project=demo");
  await settled(page);
  await expect(page.locator("main canvas").first()).toBeVisible();
  const { name, bytes } = await exported(page, "PNG");
  expect(name).toMatch(/\.png$/);
  expect([...bytes.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  expect(bytes.readUInt32BE(16)).toBeGreaterThan(300);
});

test("the file of a case tells the case", async ({ page }) => {
  await enter(page, "surveillance");
  await page.goto("/surveillance/cases/C000003");
  await settled(page);
  const told = await exported(page, "Case file, JSON");
  expect(told.name).toBe("case_C000003.json");
  expect(JSON.stringify(JSON.parse(told.bytes.toString("utf8")))).toContain("C000003");
  const shown = await exported(page, "Case file, HTML");
  expect(shown.bytes.toString("utf8")).toMatch(/^<!doctype html>/i);
  expect(shown.bytes.toString("utf8")).toContain("C000003");
});

test("a report comes in the form that was asked for", async ({ page }) => {
  await enter(page, "compliance");
  await page.goto("/compliance/reports");
  await settled(page);
  const row = page.getByRole("region", { name: "Reports that were made" }).locator("tbody tr").first();
  const told = await taken(page, () => row.getByRole("link", { name: /as json$/ }).click());
  expect(told.name).toMatch(/\.json$/);
  expect(JSON.parse(told.bytes.toString("utf8"))).toBeInstanceOf(Object);
  const opened = page.context().waitForEvent("page");
  await row.getByRole("link", { name: /as html$/ }).click();
  const report = await opened;
  await expect(report.getByRole("heading", { level: 1 })).toBeVisible();
});
