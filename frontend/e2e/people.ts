import { expect, type Page } from "@playwright/test";

export const ROLES = ["executive", "analyst", "oncall", "compliance", "surveillance", "admin"] as const;
export type Role = (typeof ROLES)[number];
export const PASSWORD = "walking-through-1";

/** The views that each role opens, as the server decides them. */
export const OPENS: Record<Role, readonly string[]> = {
  executive: ["executive"],
  analyst: ["executive", "analyst"],
  oncall: ["executive", "oncall"],
  compliance: ["executive", "compliance", "surveillance"],
  surveillance: ["executive", "surveillance"],
  admin: ["executive", "analyst", "oncall", "compliance", "surveillance"],
};

/** Log in as the person of `role` through the page. */
export async function logIn(page: Page, role: Role): Promise<void> {
  await page.goto("/");
  await page.getByLabel("Name").fill(role);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("button", { name: `Account of ${role}` })).toBeVisible();
}
