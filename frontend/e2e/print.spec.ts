import { expect, type Page, test } from "@playwright/test";
import { enter, type Role } from "./people";
import { settled } from "./pictures";

/** How light a colour as CSS tells it is, from 0 (black) to 1 (white). */
function lightness(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

async function coloursOf(page: Page) {
  return page.evaluate(() => ({
    paper: getComputedStyle(document.body).backgroundColor,
    heading: getComputedStyle(document.querySelector("h1") ?? document.body).color,
  }));
}

const PAGES: readonly [name: string, role: Role, address: string][] = [
  ["the executive page", "executive", "/executive?project=demo"],
  ["a case", "surveillance", "/surveillance/cases/C000003"],
];

for (const [name, role, address] of PAGES)
  test(`${name} on paper is its content alone, as wide as the paper`, async ({ page }) => {
    await enter(page, role);
    await page.goto(address);
    await settled(page);
    // A sheet of A4 at 96 dots an inch, less its margins.
    await page.setViewportSize({ width: 718, height: 1047 });
    await page.emulateMedia({ media: "print" });
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByRole("navigation")).toHaveCount(0);
    await expect(page.getByRole("banner")).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Copy link" })).toHaveCount(0);
    const left = await page
      .getByRole("heading", { level: 1 })
      .evaluate((found) => found.getBoundingClientRect().left);
    expect(left).toBeLessThan(60);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(over).toBeLessThanOrEqual(0);
    const { paper, heading } = await coloursOf(page);
    expect(lightness(paper) - lightness(heading)).toBeGreaterThan(0.5);
  });
