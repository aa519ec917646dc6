import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { enter, OPENS } from "./people";
import { settled } from "./pictures";

/** Milliseconds a page may load. */
const MOST = 30_000;
const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Look at every page of a view: its own, those its tabs lead to, and of each list the page of its first entry. */
async function walk(page: Page, view: string, look: (path: string) => Promise<void>): Promise<void> {
  const ahead = [`/${view}`];
  const seen = new Set<string>();
  for (let next = ahead.shift(); next; next = ahead.shift()) {
    if (seen.has(next)) continue;
    await page.goto(next);
    await settled(page, MOST);
    const path = new URL(page.url()).pathname;
    if (seen.has(path)) continue;
    seen.add(next).add(path);
    const pathsOf = (links: Locator) =>
      links.evaluateAll((found) => found.map((a) => (a as HTMLAnchorElement).pathname));
    const tabs = await pathsOf(page.locator(`main nav a[href^="/${view}"]`));
    const entries = await pathsOf(page.locator(`main a[href^="${path}/"]`));
    ahead.push(...tabs, ...entries.filter((entry) => !tabs.includes(entry)).slice(0, 1));
    await look(path);
  }
}

async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(STANDARDS).analyze();
  return violations.map(
    (one) =>
      `${page.url()}: ${one.id}: ${one.help}: ${one.nodes
        .map((node) => node.target.join(" "))
        .slice(0, 4)
        .join(" | ")}`,
  );
}

for (const view of OPENS.admin)
  test.describe(view, () => {
    test("is accessible on every page, in light and in dark", async ({ page }) => {
      test.setTimeout(240_000);
      await enter(page, "admin");
      const faults: string[] = [];
      await walk(page, view, async () => {
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
          faults.push(...(await faultsOf(page)).map((fault) => `${colorScheme} ${fault}`));
        }
      });
      expect(faults).toEqual([]);
    });

    test("fits a phone, and fails nowhere", async ({ page }) => {
      test.setTimeout(240_000);
      const broken: string[] = [];
      page.on("pageerror", (error) => broken.push(`${page.url()}: ${error.message}`));
      page.on("response", (response) => {
        if (response.status() >= 500) broken.push(`${response.status()} ${response.url()}`);
      });
      await enter(page, "admin");
      await page.setViewportSize({ width: 360, height: 740 });
      await walk(page, view, async (path) => {
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (over > 0) broken.push(`${path}: ${over} px too wide`);
      });
      expect(broken).toEqual([]);
    });

    test("can be shared, and exported", async ({ page, context }) => {
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await enter(page, "admin");
      await page.goto(`/${view}`);
      await settled(page, MOST);
      await page.getByRole("button", { name: "Copy link" }).first().click();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      expect(new URL(link).pathname).toMatch(new RegExp(`^/${view}`));
      await expect(page.getByRole("button", { name: "Export" }).first()).toBeVisible();
    });
  });

test("the page is there within a second", async ({ page }) => {
  await enter(page, "executive");
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const began = Date.now();
    await page.goto("/executive", { waitUntil: "commit" });
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    times.push(Date.now() - began);
  }
  test.info().annotations.push({ type: "milliseconds to the heading", description: times.join(", ") });
});
