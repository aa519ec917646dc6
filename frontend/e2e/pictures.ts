import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, type Page } from "@playwright/test";
import { type Alike, tellAlike } from "./told";

/** Pictures for the documentation are taken where `make screenshots` asks for them, and else not. */
export const TAKES_PICTURES = process.env.UPDATE_SCREENSHOTS === "1";

/** Where the workspace of the tests lies is nobody's concern: a picture tells the place that a reader's own has. */
const PLACES: Alike = [[/\/[^\s"]*\/workspace(?=\/|\b)/, ".tradewind"]];

/** Where `name` of this folder lies. */
export function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Wait until a page is there and nothing on it loads any more. */
export async function settled(page: Page, most = 45_000): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const busy = page.locator('main [aria-busy="true"]');
  // One answer may ask for the next: for a moment between the two nothing loads.
  await expect(async () => {
    await expect(busy).toHaveCount(0, { timeout: most });
    await page.waitForTimeout(300);
    expect(await busy.count()).toBe(0);
  }).toPass({ timeout: most });
}

/** Take `docs/images/dashboard-NAME.png` of what the window shows, if pictures are asked for. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!TAKES_PICTURES) return;
  await settled(page);
  // Charts draw on a canvas a frame or two after their data is there.
  await page.waitForTimeout(600);
  await page.mouse.move(0, 0);
  await tellAlike(page, PLACES);
  const path = pathOf(`../../docs/images/dashboard-${name}.png`);
  await page.screenshot({ path, animations: "disabled", caret: "hide", scale: "css" });
  shrunk(path, 256);
}

/** Keep a picture, or those of a folder, in so few colours: a repository holds every version of each for good. */
export function shrunk(path: string, colours: number): void {
  const found = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  const pictures = found.filter((name) => name.endsWith(".png"));
  execFileSync(pathOf("../../.venv/bin/python"), [pathOf("small.py"), String(colours), ...pictures]);
}
