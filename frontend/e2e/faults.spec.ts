import { expect, test } from "@playwright/test";
import { enter, OPENS } from "./people";

for (const view of OPENS.admin)
  test(`${view}: what fails is told in words, and can be tried again`, async ({ page }) => {
    await enter(page, "admin");
    let broken = true;
    await page.route(new RegExp(`/api/(${view}|projects)`), (route) =>
      broken
        ? route.fulfill({
            status: 500,
            contentType: "application/problem+json",
            body: JSON.stringify({
              title: "The dashboard failed",
              status: 500,
              detail: "The cause is in the log.",
            }),
          })
        : route.continue(),
    );
    await page.goto(`/${view}`);
    await expect(page.getByRole("alert").first()).toContainText("The dashboard failed");
    broken = false;
    await page.getByRole("button", { name: "Try again" }).first().click();
    await expect(page.getByText("The dashboard failed")).toHaveCount(0);
  });

for (const view of OPENS.admin)
  test(`${view}: while the server is slow, that it loads is shown`, async ({ page }) => {
    await enter(page, "admin");
    await page.route(new RegExp(`/api/(${view}|projects)`), async (route) => {
      await new Promise((done) => setTimeout(done, 1500));
      await route.continue();
    });
    await page.goto(`/${view}`);
    await expect(page.getByRole("status").first()).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  });

test("a server that has gone is told, and it works again when it is back", async ({ page }) => {
  await enter(page, "admin");
  await page.goto("/executive");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.route("**/api/**", (route) => route.abort());
  await page.getByRole("navigation", { name: "Views" }).locator('a[href="/compliance"]').click();
  await expect(page.getByRole("alert").first()).toContainText("cannot be reached");
  await page.unroute("**/api/**");
  await page.getByRole("button", { name: "Try again" }).first().click();
  await expect(page.getByText("cannot be reached")).toHaveCount(0);
});
