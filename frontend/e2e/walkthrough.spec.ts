import { expect, test } from "@playwright/test";
import { enter, logIn, type Role } from "./people";
import { picture, settled, TAKES_PICTURES } from "./pictures";
import { walkedBars } from "./prices";

const DAYS = 600;

test("somebody new goes from a file of prices to a forecast, its reasons, and what would change it", async ({
  page,
}) => {
  test.setTimeout(300_000);
  page.setDefaultTimeout(30_000);
  const broken: string[] = [];
  page.on("pageerror", (error) => broken.push(`${page.url()}: ${error.message}`));
  page.on("response", (response) => {
    if (response.status() >= 500) broken.push(`${response.status()} ${response.url()}`);
  });
  await logIn(page, "analyst");
  await settled(page);

  await test.step("gives a file", async () => {
    await page.getByRole("link", { name: "Projects", exact: true }).click();
    await page.getByRole("link", { name: "New project" }).first().click();
    await expect(page.getByRole("heading", { level: 1, name: "New project" })).toBeVisible();
    const choosing = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Choose a file" }).click();
    await (await choosing).setFiles({
      name: "HARBOR.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(walkedBars(DAYS, 7)),
    });
  });

  await test.step("reads what was understood", async () => {
    await expect(page.getByRole("heading", { name: "1. What HARBOR.csv holds" })).toBeVisible();
    await expect(page.getByRole("region", { name: "First rows of the file" })).toContainText("2021-01-04");
    const symbol = page.getByLabel("Whose bars are these?");
    await expect(symbol).toHaveValue("HARBOR");
    await page.getByRole("button", { name: "Use this symbol" }).click();
    await expect(page.getByText("These bars can be used")).toBeVisible();
    await expect(page.getByText(`${DAYS} daily bars of one symbol (HARBOR)`)).toBeVisible();
    await picture(page, "new-project");
  });

  await test.step("asks for the quickest members, and starts", async () => {
    await page.getByLabel("Title of the project").fill("Harbor, a walk");
    await page.getByRole("checkbox", { name: "random_forest" }).uncheck();
    await expect(page.getByRole("checkbox", { name: "logistic" })).toBeChecked();
    await expect(page.getByRole("checkbox", { name: "xgboost" })).toBeChecked();
    const start = page.getByRole("button", { name: "Make the project and start" });
    await start.scrollIntoViewIfNeeded();
    await picture(page, "new-project-models");
    await start.click();
    await expect(page.getByRole("heading", { level: 1, name: "Harbor, a walk" })).toBeInViewport();
    await expect(page.getByRole("heading", { name: "Train the model" })).toBeVisible();
  });
  const project = new URL(page.url()).pathname.split("/").pop() ?? "";

  await test.step("waits for the job, which shows how far it is", async () => {
    await expect(page.getByRole("progressbar", { name: "Job of Harbor, a walk" })).toHaveCount(1);
    await picture(page, "job");
    await expect(page.getByRole("link", { name: "What the model says" })).toBeVisible({ timeout: 200_000 });
    await expect(page.getByRole("progressbar")).toHaveCount(0, { timeout: 100_000 });
    await expect(page.getByText("A command failed")).toHaveCount(0);
    for (const step of ["Measure it out of sample", "Forecast the next bar", "Explain the forecasts"])
      await expect(page.getByRole("listitem").filter({ hasText: step })).toContainText("done");
  });

  await test.step("reads the verdict and the forecast", async () => {
    await page.getByRole("link", { name: "What the model says" }).click();
    await expect(page).toHaveURL(new RegExp(`/executive\\?project=${project}`));
    await expect(page.getByText("No skill was shown", { exact: true })).toBeVisible();
    await expect(page.getByText("The forecasts below are no ground for a decision.")).toBeVisible();
    const row = page
      .getByRole("region", { name: "Forecasts" })
      .getByRole("row")
      .filter({ hasText: "HARBOR" });
    await expect(row).toContainText(/\d+\.\d %/);
    await expect(page.getByRole("region", { name: "Why HARBOR" })).toContainText(/for a rise/);
    await picture(page, "own-executive");
  });

  await test.step("sees the bars, with the forecasts that were made at them", async () => {
    await page.goto(`/analyst/market?project=${project}`);
    await expect(page.getByRole("heading", { level: 1, name: "Market" })).toBeVisible();
    await settled(page);
    await expect(page.getByLabel("Bars of HARBOR", { exact: true }).first()).toBeVisible();
    await expect(page.getByText("Right, in what is shown")).toBeVisible();
  });

  await test.step("sees what made the forecast", async () => {
    await page.getByRole("link", { name: "Why", exact: true }).click();
    await expect(page.getByRole("heading", { name: "What made the forecast" })).toBeVisible();
    const steps = page.getByRole("table", { name: /From the base to the probability of a rise/ });
    await expect(steps.getByRole("row").filter({ hasText: "Base" })).toContainText("%");
    await expect(steps.getByRole("row").filter({ hasText: "Probability of a rise" })).toContainText("%");
    expect(await steps.getByRole("row").count()).toBeGreaterThan(4);
  });

  await test.step("moves a feature, and the model answers anew", async () => {
    await page.getByRole("link", { name: "Ask what if" }).click();
    const reading = page.getByRole("region", { name: "Probability of a rise" });
    await expect(reading).toContainText("as it is");
    const slider = page.getByRole("slider").first();
    await slider.focus();
    await page.keyboard.press("End");
    await expect(reading).toContainText(/[+−-]\d+\.\d+.* from \d+\.\d+ %/);
    await expect(page).toHaveURL(/set=/);
    const answer = await reading.getByText(/ from \d/).textContent();
    await page.reload();
    await expect(reading).toContainText(answer ?? "no answer");
    await expect(page.getByText("Nothing has moved yet.")).toHaveCount(0);
  });

  await test.step("removes it again", async () => {
    await page.goto(`/projects/${project}`);
    await page.getByRole("button", { name: "Remove this project" }).click();
    await page.getByRole("button", { name: "Remove it" }).click();
    await expect(page).toHaveURL(/\/projects$/);
    await expect(page.getByRole("region", { name: "Projects" })).not.toContainText("Harbor, a walk");
  });
  expect(broken).toEqual([]);
});

/** One picture of each page that the documentation shows, as who works with it sees it. */
const SIGHTS: readonly [name: string, role: Role, address: string][] = [
  ["executive", "executive", "/executive?project=planted"],
  ["market", "analyst", "/analyst/market?project=demo"],
  ["why", "analyst", "/analyst/why?project=demo"],
  ["what-if", "analyst", "/analyst/what-if?project=demo"],
  ["backtest", "analyst", "/analyst/backtest?project=planted"],
  ["health", "oncall", "/oncall/health"],
  ["drift", "oncall", "/oncall/drift"],
  ["models", "compliance", "/compliance/models"],
  ["approvals", "compliance", "/compliance/approvals"],
  ["queue", "surveillance", "/surveillance/cases"],
  ["case", "surveillance", "/surveillance/cases/C000003"],
  ["replay", "surveillance", "/surveillance/cases/C000003?part=replay"],
];

for (const [name, role, address] of SIGHTS)
  test(`a picture of ${name}`, async ({ page }) => {
    test.skip(!TAKES_PICTURES, "pictures are taken by make screenshots");
    test.setTimeout(120_000);
    await enter(page, role);
    await page.goto(address);
    await settled(page);
    if (name === "what-if") {
      await page.getByRole("slider").first().focus();
      await page.keyboard.press("Home");
      await expect(page.getByText("Nothing has moved yet.")).toHaveCount(0);
    }
    if (name === "why")
      await page
        .getByRole("heading", { name: "What made the forecast" })
        // below the head of the page, which stays
        .evaluate((found) => window.scrollTo(0, found.getBoundingClientRect().top + window.scrollY - 90));
    await picture(page, name);
  });
