import { expect, type Page, test } from "@playwright/test";
import { enter } from "./people";
import { settled } from "./pictures";

/** The first case that waits for somebody; the page must be that of somebody of the desk. */
async function freeCase(page: Page): Promise<string> {
  const answer = await page.request.get("/api/surveillance/cases");
  const { cases } = (await answer.json()) as { cases: { id: string; state: string }[] };
  const free = cases.find((one) => one.state === "new");
  expect(free, "no case waits: start the server anew, then it begins as it was furnished").toBeDefined();
  return free?.id ?? "";
}

test("a case is closed by two people, and by no one alone", async ({ page, browser }) => {
  test.setTimeout(240_000);
  await enter(page, "surveillance");
  const id = await freeCase(page);
  const decide = page.getByRole("region", { name: "Decide" });

  await test.step("an analyst takes it up from the queue", async () => {
    await page.goto("/surveillance/cases");
    await page.getByRole("link", { name: id }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText(id);
    await decide.getByRole("button", { name: "Take up" }).click();
    await expect(page.getByText("In review, with surveillance")).toBeVisible();
  });

  await test.step("proposes how to close it, and says why", async () => {
    await decide.getByRole("button", { name: "Propose a decision" }).click();
    const form = decide.locator("form");
    const send = form.getByRole("button", { name: "Propose a decision" });
    await form.getByRole("radio", { name: "False alarm" }).check();
    await expect(send).toBeDisabled();
    await form.getByLabel("Why, in a sentence").fill("Both sides were quoted throughout.");
    await send.click();
    await expect(decide.getByRole("alert")).toContainText("Proposed: false alarm");
    await expect(decide.getByRole("alert")).toContainText("surveillance: Both sides were quoted throughout.");
  });

  await test.step("cannot confirm the own proposal, and is told why", async () => {
    await expect(decide.getByRole("button", { name: "Confirm and close" })).toHaveCount(0);
    await decide.getByText(/^Why not .*confirm and close/).click();
    await expect(decide.getByText(/^Confirm and close: .*surveillance/)).toBeVisible();
    const alone = await page.request.post(`/api/surveillance/cases/${id}/acts`, {
      headers: { "x-tradewind": "1" },
      data: { doing: "confirm", text: "", reason: "", outcome: "", analyst: "", exceptions: [] },
    });
    expect(alone.status()).toBeGreaterThanOrEqual(400);
    expect(alone.status()).toBeLessThan(500);
  });

  await test.step("a supervisor sees it in the queue, and confirms it", async () => {
    const other = await browser.newContext();
    const theirs = await other.newPage();
    await enter(theirs, "admin");
    await theirs.goto("/surveillance/cases");
    await expect(theirs.getByRole("row").filter({ hasText: id })).toContainText("Proposed");
    await theirs.getByRole("link", { name: id }).click();
    const box = theirs.getByRole("region", { name: "Decide" });
    await box.getByRole("button", { name: "Confirm and close" }).click();
    await box.getByLabel("Why (may be left empty)").fill("Agreed.");
    await box.locator("form").getByRole("button", { name: "Confirm and close" }).click();
    await expect(box.getByRole("alert")).toContainText("Closed as false alarm");
    await other.close();
  });

  await test.step("the analyst's page shows it by itself", async () => {
    await expect(decide.getByRole("alert")).toContainText("Closed as false alarm");
    await expect(decide.getByRole("alert")).toContainText("Confirmed by admin.");
    await page.getByRole("tab", { name: "Trail" }).click();
    const trail = page.getByRole("region", { name: "What was done to the case" });
    await expect(trail).toContainText("admin (supervisor)");
    await page.getByRole("button", { name: "Verify all acts" }).click();
    await expect(page.getByText(/All [\d,]+ acts of the store are as they were done/)).toBeVisible();
  });

  await test.step("and the queue holds it among the closed ones", async () => {
    await page.goto("/surveillance/cases");
    await settled(page);
    await expect(page.getByRole("link", { name: id })).toHaveCount(0);
    await page.getByRole("checkbox", { name: "Closed too" }).click();
    await expect(page.getByRole("row").filter({ hasText: id })).toContainText("Closed: false alarm");
  });
});

test("who validated a model does not approve it, and what is approved is signed", async ({ page }) => {
  await enter(page, "compliance");
  await page.goto("/compliance/approvals");
  await settled(page);

  /** Decide about a version of the demo's model on this page. */
  const decided = async (act: string, version: number, reason: string) => {
    await page.getByRole("button", { name: `${act} equity-daily/${version}` }).click();
    const dialog = page.getByRole("dialog");
    const sign = dialog.getByRole("button", { name: `${act} and sign as compliance` });
    await expect(sign).toBeDisabled();
    await dialog.getByLabel("Reason").fill(reason);
    await sign.click();
    await expect(page.getByText(/^Signed by compliance as /).last()).toBeVisible();
    await expect(dialog).toHaveCount(0);
  };
  const card = (version: number) => page.getByRole("region", { name: `equity-daily/${version}` });

  await decided("Approve", 2, "Its figures hold what version 1 promised.");
  await expect(card(2)).toContainText("promotion to champion");
  await expect(card(2)).toContainText("Its figures hold what version 1 promised.");

  await decided("Validate", 3, "Measured it anew from its record; the figures agree.");
  await expect(card(3)).toContainText("Next: approval");
  await expect(card(3)).toContainText("Not by compliance, who is its validator");
  await expect(page.getByRole("button", { name: "Approve equity-daily/3" })).toBeDisabled();

  await page.goto("/compliance/audit");
  await settled(page);
  await expect(page.getByRole("main")).toContainText("equity-daily/3");
});
