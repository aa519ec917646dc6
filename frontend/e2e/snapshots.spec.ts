import { expect, type Locator, type Page, test } from "@playwright/test";
import { logIn } from "./people";
import { settled } from "./pictures";

/** How pages are looked at: each has a picture of its own. */
const LOOKS = [
  { look: "light", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { look: "dark", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { look: "phone", colorScheme: "light", viewport: { width: 360, height: 740 } },
] as const;

/** What is of the machine or of the hour: times of day, how long ago, how long still, versions. */
function passing(page: Page): Locator[] {
  return [
    page
      .locator("main")
      .getByText(/\d{1,2}:\d{2}|\bago\b|\b(in|for|by) \d+ (s|min|h|d|days?|hours?|minutes?)\b/),
    page.locator("time"),
    page.getByRole("navigation").getByText(/^Tradewind \d/),
  ];
}

for (const { look, colorScheme, viewport } of LOOKS)
  test.describe(look, () => {
    test.use({ colorScheme, viewport });

    test("the log-in", async ({ page }) => {
      await page.goto("/");
      await expect(page.getByRole("button", { name: "Log in" })).toBeVisible();
      await expect(page).toHaveScreenshot(`log-in-${look}.png`);
    });

    if (look === "phone") return; // the pages are held to a phone's width elsewhere; their height differs by the fonts
    test("the executive page", async ({ page }) => {
      await logIn(page, "executive");
      await page.goto("/executive?project=demo");
      await settled(page);
      await expect(page.getByRole("region", { name: "Forecasts" })).toBeVisible();
      // Charts draw on a canvas, and forecasts of a trained model may differ by the last digit between machines.
      const mask = [...passing(page), page.locator("main td"), page.locator("main canvas")];
      await expect(page).toHaveScreenshot(`executive-${look}.png`, { mask });
    });

    if (look === "dark") return;
    test("the queue of surveillance", async ({ page }) => {
      await logIn(page, "surveillance");
      await page.goto("/surveillance/cases");
      await settled(page);
      await expect(page.getByRole("link", { name: "C000007" })).toBeVisible();
      // Which case is the most urgent, and for how long still, depends on the hour.
      const mask = [...passing(page), page.locator("main tbody td")];
      await expect(page).toHaveScreenshot(`queue-${look}.png`, { mask });
    });
  });
