import { type BrowserContext, expect, type Page } from "@playwright/test";

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

type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;
const sessions = new Map<Role, Cookies>();

/** Log in as the person of `role` through the page. */
export async function logIn(page: Page, role: Role): Promise<void> {
  await page.goto("/");
  await page.getByLabel("Name").fill(role);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("button", { name: `Account of ${role}` })).toBeVisible();
}

/** Be the person of `role` from the next page on; the first time logs in, later ones go on with that session. */
export async function enter(page: Page, role: Role): Promise<void> {
  const context = page.context();
  const held = sessions.get(role);
  if (held) {
    await context.addCookies(held);
    return;
  }
  const answer = await context.request.post("/api/log-in", {
    headers: { "x-tradewind": "1" },
    data: { name: role, password: PASSWORD },
  });
  expect(answer.status(), await answer.text()).toBe(200);
  sessions.set(role, await context.cookies());
}
