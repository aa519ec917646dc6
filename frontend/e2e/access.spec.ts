import { expect, test } from "@playwright/test";
import { logIn, OPENS, PASSWORD, ROLES } from "./people";

for (const role of ROLES)
  test(`${role} sees the views of the role, and no others`, async ({ page }) => {
    await logIn(page, role);
    const menu = page.getByRole("navigation", { name: "Views" });
    for (const view of OPENS.admin) {
      const link = menu.locator(`a[href="/${view}"]`);
      if (OPENS[role].includes(view)) await expect(link).toBeVisible();
      else await expect(link).toHaveCount(0);
    }
  });

test("a wrong password is told, and nothing is shown", async ({ page }) => {
  await page.goto("/surveillance");
  await page.getByLabel("Name").fill("surveillance");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toContainText("Name or password is wrong");
  await expect(page.getByRole("navigation", { name: "Views" })).toHaveCount(0);
});

test("a link that was shared leads, after the log-in, to what was shared", async ({ page }) => {
  await page.goto("/surveillance?tier=1");
  await page.getByLabel("Name").fill("surveillance");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page).toHaveURL(/\/surveillance.*tier=1/);
});
