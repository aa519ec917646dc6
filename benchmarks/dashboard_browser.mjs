// Opens pages of a running dashboard in headless Chromium and times them: node dashboard_browser.mjs ADDRESS REPEATS.
// The log-in comes from PASSWORD; times in milliseconds go to standard output as JSON, a list for each measure.
import { createRequire } from "node:module";

const require = createRequire(new URL("../frontend/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const [address, repeats] = [process.argv[2], Number(process.argv[3])];
const BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: BROWSER,
});
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
  return page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now())))),
  );
}

/** Time in the page from `act` until what `watch` reads has changed, painted; both are the text of a function. */
function turned(page, act, watch) {
  return page.evaluate(
    ([act, watch]) =>
      new Promise((done, fail) => {
        const read = new Function(`return (${watch})()`);
        const before = read();
        const start = performance.now();
        const look = () => {
          if (read() !== before) setTimeout(() => done(performance.now() - start));
          else if (performance.now() - start > 20_000) fail(new Error(`nothing changed: ${watch}`));
          else requestAnimationFrame(look);
        };
        new Function(`(${act})()`)();
        requestAnimationFrame(look);
      }),
    [act, watch],
  );
}

/** The text of a function that types `text` into the field of this label, as a person would. */
const typing = (label, text) => `() => {
  const field = [...document.querySelectorAll("label")].find((one) => one.textContent === "${label}").control;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, "${text}");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}`;
const ROWS = `() => document.querySelector('[aria-label="Symbols"] table').getAttribute("aria-rowcount")`;
const RIGHT = `() => document.querySelector('[aria-label="Right, in what is shown"]').textContent`;
const SORTED = `() => [...document.querySelectorAll('[aria-label="Forecasts"] th')].map((one) => one.ariaSort).join() +
  document.querySelector('[aria-label="Forecasts"] tbody tr[aria-rowindex]').textContent`;
const CHANCE = `() => document.querySelector('section[aria-label="Probability of a rise"]').textContent`;
const zoomed = (label) => `() => [...document.querySelectorAll('[aria-labelledby="zoom-label"] label')]
  .find((one) => one.textContent === "${label}").click()`;

const pressing = (button) => `() => document.querySelector('[aria-label="${button}"]').click()`;
const BARS = `() => document.querySelector('[aria-label^="Bars of "]')?.getAttribute("aria-label") ?? ""`;

const project = process.env.PROJECT;
const PAGES = {
  executive: [`/executive?project=${project}`, "main section, main table"],
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
  note("click: next symbol", await turned(page, pressing("Next symbol"), BARS));
  await page.waitForTimeout(150);
}
for (let i = 0; i < 2 * repeats; i++) {
  note("zoom: 3 years, 6 months", await turned(page, zoomed(i % 2 ? "6 months" : "3 years"), RIGHT));
  note(
    "filter 500 symbols",
    await turned(page, typing("Find by symbol, name or sector", i % 2 ? "" : "SIM01"), ROWS),
  );
  await page.waitForTimeout(150);
}
await load(page, ...PAGES.executive);
await page.waitForSelector('[aria-label="Forecasts"] tbody tr[aria-rowindex]');
for (let i = 0; i < 2 * repeats; i++) {
  const title = ["Rise", "Expected return"][i % 2];
  const click = `() => [...document.querySelectorAll('[aria-label="Forecasts"] th button')]
    .find((one) => one.textContent === "${title}").click()`;
  note("sort 500 forecasts", await turned(page, click, SORTED));
  await page.waitForTimeout(150);
}
// The first question of this kind works out the features of every bar, once; then a slider asks the model anew.
await page.goto(`/analyst/what-if?project=${project}`);
const there = await page
  .waitForSelector('section[aria-label="Probability of a rise"]', { timeout: 120_000 })
  .catch((error) => console.error(`no what-if: ${error.message}`));
const thumb = page.locator('[role="slider"]').first();
if (there) await thumb.focus();
for (let i = 0; there && i < 2 * repeats; i++) {
  // The page is told what to wait for before the key is pressed: the key goes another way and may arrive first.
  await page.evaluate((watch) => {
    window.moved = new Promise((done) => {
      const read = new Function(`return (${watch})()`);
      const before = read();
      let start = null;
      addEventListener("keydown", () => (start = performance.now()), { once: true, capture: true });
      const look = () =>
        start !== null && read() !== before
          ? setTimeout(() => done(performance.now() - start))
          : requestAnimationFrame(look);
      requestAnimationFrame(look);
    });
  }, CHANCE);
  await page.keyboard.press("ArrowRight");
  note("move a what-if slider", await page.evaluate(() => window.moved));
  await page.waitForTimeout(500);
}
await browser.close();
process.stdout.write(JSON.stringify(times));
