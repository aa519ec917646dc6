// Opens pages of a running dashboard in headless Chromium and times them: node dashboard_browser.mjs ADDRESS REPEATS.
// The log-in comes from PASSWORD; times in milliseconds go to standard output as JSON, a list for each measure.
import { createRequire } from "node:module";

const require = createRequire(new URL("../frontend/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const [address, repeats] = [process.argv[2], Number(process.argv[3])];
const BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: BROWSER });
const times = {};
const note = (name, value) => (times[name] ??= []).push(value);

/** Return a page of a browser that has cached nothing, logged in. */
async function fresh() {
  const context = await browser.newContext({ baseURL: address, viewport: { width: 1280, height: 800 } });
  const said = await context.request.post("/api/log-in", {
    data: { name: "bench", password: process.env.PASSWORD },
    headers: { "x-tradewind": "1" },
  });
  if (!said.ok()) throw new Error(`log-in: ${said.status()}`);
  return context.newPage();
}

/** Time from the start of the navigation until the selector is there and painted. */
async function load(page, path, selector) {
  await page.goto(path, { waitUntil: "commit" });
  await page.waitForSelector(selector, { timeout: 60_000 });
  return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now())))));
}

/** Time in the page from a click until the label that starts with `prefix` has changed, painted. */
function turn(page, button, prefix) {
  return page.evaluate(
    ([button, prefix]) =>
      new Promise((done) => {
        const now = () => document.querySelector(`[aria-label^="${prefix}"]`)?.getAttribute("aria-label");
        const before = now();
        const start = performance.now();
        const look = () => {
          const label = now();
          if (label && label !== before) setTimeout(() => done(performance.now() - start));
          else requestAnimationFrame(look);
        };
        document.querySelector(`[aria-label="${button}"]`).click();
        requestAnimationFrame(look);
      }),
    [button, prefix],
  );
}

const project = process.env.PROJECT;
const PAGES = {
  "executive": [`/executive?project=${project}`, "main section, main table"],
  "analyst: market": [`/analyst/market?project=${project}`, '[aria-label^="Bars of "]'],
};
for (let i = 0; i < repeats; i++) {
  for (const [name, [path, selector]] of Object.entries(PAGES)) {
    const page = await fresh();
    note(`load, nothing cached: ${name}`, await load(page, path, selector));
    note(`load, again: ${name}`, await load(page, path, selector));
    await page.context().close();
  }
}
const page = await fresh();
await load(page, ...PAGES["analyst: market"]);
await page.waitForTimeout(1000);
for (let i = 0; i < 4 * repeats; i++) {
  note("click: next symbol", await turn(page, "Next symbol", "Bars of "));
  await page.waitForTimeout(150);
}
await browser.close();
process.stdout.write(JSON.stringify(times));
