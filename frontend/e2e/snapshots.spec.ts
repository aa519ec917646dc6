import { expect, type Page, test } from "@playwright/test";
import { enter, type Role } from "./people";
import { pathOf, settled, shrunk } from "./pictures";
import { type Alike, tellAlike } from "./told";

/** How pages are looked at: each has a picture of its own. */
const LOOKS = [
  { look: "light", colorScheme: "light", viewport: { width: 1280, height: 680 } },
  { look: "dark", colorScheme: "dark", viewport: { width: 1280, height: 680 } },
  { look: "phone", colorScheme: "light", viewport: { width: 360, height: 740 } },
] as const;

/** Every page, by the name of its pictures, as who works with it sees it. */
const PAGES: readonly [name: string, role: Role, address: string][] = [
  ["executive", "executive", "/executive?project=demo"],
  ["executive-skilled", "executive", "/executive?project=planted"],
  ["market", "analyst", "/analyst/market?project=demo"],
  ["why", "analyst", "/analyst/why?project=demo"],
  ["what-if", "analyst", "/analyst/what-if?project=demo"],
  ["compare", "analyst", "/analyst/compare?project=demo"],
  ["features", "analyst", "/analyst/features?project=demo"],
  ["regimes", "analyst", "/analyst/regimes?project=demo"],
  ["backtest", "analyst", "/analyst/backtest?project=demo"],
  ["health", "oncall", "/oncall/health"],
  ["alerts", "oncall", "/oncall/alerts"],
  ["diagnosis", "oncall", "/oncall/diagnosis"],
  ["drift", "oncall", "/oncall/drift"],
  ["rollout", "oncall", "/oncall/rollout"],
  ["jobs", "oncall", "/oncall/jobs"],
  ["models", "compliance", "/compliance/models"],
  ["model", "compliance", "/compliance/models/equity-daily/1"],
  ["approvals", "compliance", "/compliance/approvals"],
  ["audit", "compliance", "/compliance/audit"],
  ["audit-entry", "compliance", "/compliance/audit/1"],
  ["fairness", "compliance", "/compliance/fairness"],
  ["reports", "compliance", "/compliance/reports"],
  ["incidents", "compliance", "/compliance/incidents"],
  ["ratings-of-explanations", "compliance", "/compliance/ratings"],
  ["queue", "surveillance", "/surveillance/cases"],
  ["case", "surveillance", "/surveillance/cases/C000003"],
  ["case-evidence", "surveillance", "/surveillance/cases/C000003?part=evidence"],
  ["case-replay", "surveillance", "/surveillance/cases/C000003?part=replay"],
  ["case-rules", "surveillance", "/surveillance/cases/C000003?part=rules"],
  ["case-trail", "surveillance", "/surveillance/cases/C000003?part=trail"],
  ["statistics", "surveillance", "/surveillance/statistics"],
  ["projects", "analyst", "/projects"],
  ["new-project", "analyst", "/projects/new"],
  ["project", "analyst", "/projects/demo"],
  ["account", "analyst", "/settings/me"],
  ["people", "admin", "/settings/people"],
  ["ratings", "admin", "/settings/ratings"],
];

const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*";
const SPAN = "\\d+(?:\\.\\d+)? (?:ms|s|min|h|d|seconds?|minutes?|hours?|days?|weeks?)\\b";

/** What is of the hour, the machine or a trained model is told alike; what remains is the look of a page. */
const ALIKE: Alike = [
  [/(?:\/[\w.@-]+){2,}\/?/, "/a/place"],
  [/\b(?=[a-f]*\d)[0-9a-f]{8,}\b/, "00000000"],
  [new RegExp(`\\b\\d{1,2} ${MONTH} \\d{4}`), "00 Jan 0000"],
  [new RegExp(`\\b\\d{1,2} ${MONTH}(?! 0000)`), "00 Jan"],
  [new RegExp(`\\bjust now\\b|${SPAN} ago\\b`), "0 h ago"],
  [new RegExp(`\\b${SPAN}(?: ${SPAN})*`), "0 h"],
  [/(?<!\d)[+−-](?=\d)/, "−"],
  [/\d/, "0"],
];

async function looksAs(page: Page, name: string): Promise<void> {
  await page.addStyleTag({ path: pathOf("steady.css") });
  await tellAlike(page, ALIKE);
  for (const { look, colorScheme, viewport } of LOOKS) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
    await expect.soft(page).toHaveScreenshot(`${name}-${look}.png`);
  }
}

test("log-in", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("button", { name: "Log in" })).toBeVisible();
  await looksAs(page, "log-in");
});

for (const [name, role, address] of PAGES)
  test(name, async ({ page }) => {
    await enter(page, role);
    await page.goto(address);
    await settled(page);
    await looksAs(page, name);
  });

test("incident", async ({ page }) => {
  await enter(page, "compliance");
  await page.goto("/compliance/incidents");
  await page.getByRole("link", { name: /^INC-/ }).click(); // its reference holds the year it happened in
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Incident INC-");
  await settled(page);
  await looksAs(page, "incident");
});

test.afterAll(() => {
  if (["all", "changed"].includes(test.info().config.updateSnapshots)) shrunk(pathOf("snapshots"), 64);
});
