import { defineConfig, devices } from "@playwright/test";

const port = Number(process.env.DASHBOARD_PORT ?? 8790);
const home = process.env.DASHBOARD_HOME ?? "../out/e2e/home";

const MAKING = /walkthrough\.spec/;
const DECIDING = /deciding\.spec/;

/** Real Chromium, as Debian packages it, before a real dashboard over a furnished workspace. */
export default defineConfig({
  testDir: "e2e",
  outputDir: "../out/e2e/results",
  snapshotPathTemplate: "e2e/snapshots/{arg}{ext}",
  // What makes something comes after what only looks, and what decides, which stays decided, comes last.
  projects: [
    { name: "looking", testIgnore: [MAKING, DECIDING] },
    { name: "making", testMatch: MAKING },
    { name: "deciding", testMatch: DECIDING },
  ],
  fullyParallel: false,
  workers: 1,
  timeout: 180_000,
  expect: {
    timeout: 45_000,
    toHaveScreenshot: { maxDiffPixelRatio: 0.01, animations: "disabled", caret: "hide" },
  },
  reporter: [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "UTC",
    reducedMotion: "reduce",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--font-render-hinting=none",
      ],
    },
  },
  webServer: {
    command: `../.venv/bin/python e2e/serve.py ${home} ${port}`,
    url: `http://127.0.0.1:${port}/`,
    timeout: 600_000,
    reuseExistingServer: !process.env.CI,
    stdout: "pipe",
    env: { OMP_NUM_THREADS: "1", TRADEWIND_TRACK: "off" },
  },
});
