import { fileURLToPath } from "node:url";
import { expect, type Page } from "@playwright/test";

/** Pictures for the documentation are taken where `make screenshots` asks for them, and else not. */
export const TAKES_PICTURES = process.env.UPDATE_SCREENSHOTS === "1";

/** Wait until a page is there and nothing on it loads any more. */
export async function settled(page: Page, most = 45_000): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator('main [aria-busy="true"]')).toHaveCount(0, { timeout: most });
}

/** Take `docs/images/dashboard-NAME.png` of what the window shows, if pictures are asked for. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!TAKES_PICTURES) return;
  await settled(page);
  // Charts draw on a canvas a frame or two after their data is there.
  await page.waitForTimeout(600);
  await page.mouse.move(0, 0);
  await page.evaluate(namedPlainly);
  const path = fileURLToPath(new URL(`../../docs/images/dashboard-${name}.png`, import.meta.url));
  await page.screenshot({ path, animations: "disabled", caret: "hide", scale: "css" });
}

/** Where the workspace of the tests lies is nobody's concern: a picture tells the place that a reader's own has. */
function namedPlainly(): void {
  for (const block of document.querySelectorAll("main code")) {
    const text = block.firstChild;
    if (text?.nodeType === Node.TEXT_NODE)
      text.nodeValue = (text.nodeValue ?? "").replaceAll(/\/\S*?\/(?=projects\/|audit\b)/g, ".tradewind/");
  }
}
