// npm run bench -- clicks --run runs/aespa-small-1 [--data data/lidc-small --clicks 8 --images 4]
// AESPA's demo in a headless Chromium: milliseconds from the press of the mouse to the new numbers on the page, as the page itself sees
// them. One line a window size; the goal (issue of the demo) is 150 ms a click at `small`.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadavg } from "node:os";
import { silent } from "../dist/core/index.js";
import { openBrowser } from "../dist/report/index.js";
import { demos, serveDemo } from "../dist/serve/index.js";

const { values: options } = parseArgs({
  options: { run: { type: "string" }, data: { type: "string" }, clicks: { type: "string", default: "8" }, images: { type: "string", default: "4" }, engine: { type: "string", default: "auto" } },
});
const goalMs = 150;
const { run, data, engine } = options;
const demo = await demos.find(({ name }) => name === "aespa").open({
  options: { engine, ...(run && { run: resolve(run) }), ...(data && { data: resolve(data) }) },
  cwd: process.cwd(), progress: silent, signal: new AbortController().signal, say: (line) => console.error(line),
});
const server = await serveDemo(demo);
const session = await openBrowser(process.env);
try {
  for (const width of [400, 1280]) {
    const page = await session.browser.newPage();
    await page.setViewport({ width, height: 900 });
    await page.goto(server.url);
    await page.waitForSelector(".history tbody tr");
    const times = [];
    for (let image = 0; image < Number(options.images); image++) {
      await page.evaluate((at) => {
        const pick = document.querySelector("#pick");
        pick.selectedIndex = at % pick.options.length;
        pick.dispatchEvent(new Event("change", { bubbles: true }));
      }, image);
      await page.waitForFunction(() => document.querySelectorAll(".history tbody tr").length === 1);
      for (let click = 0; click < Number(options.clicks); click++) times.push({ image, click, ms: await clickOnce(page, click) });
    }
    console.log(line(`${width} pixels wide`, times));
    await page.close();
  }
  console.log(`load of the machine ${loadavg()[0].toFixed(1)}; goal ${goalMs} ms`);
} finally {
  await session[Symbol.asyncDispose]();
  await server.close();
}

/** One click near the middle, then further out; the page's own clock from the press to the row that the click adds. */
async function clickOnce(page, click) {
  const rows = await page.$$eval(".history tbody tr", (all) => all.length);
  await page.evaluate((wanted) => {
    globalThis.clickSeen = new Promise((done) => {
      let pressed;
      addEventListener("pointerdown", () => (pressed = performance.now()), { once: true, capture: true });
      const history = document.querySelector(".history");
      const observer = new MutationObserver(() => {
        if (document.querySelectorAll(".history tbody tr").length < wanted) return;
        observer.disconnect();
        requestAnimationFrame(() => done(performance.now() - pressed)); // with the frame that shows it
      });
      observer.observe(history.parentElement, { childList: true, subtree: true });
    });
  }, rows + 1);
  const box = await (await page.$("canvas")).boundingBox();
  const angle = 2.4 * click;
  await page.mouse.click(box.x + box.width * (0.5 + 0.03 * click * Math.cos(angle)), box.y + box.height * (0.5 + 0.03 * click * Math.sin(angle)));
  return page.evaluate(() => globalThis.clickSeen);
}

function line(name, times) {
  const sorted = times.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(0);
  const within = sorted.filter((ms) => ms <= goalMs).length;
  return `${name}: median ${at(0.5)} ms, 90 % within ${at(0.9)} ms, longest ${at(1)} ms; ${within} of ${sorted.length} within ${goalMs} ms`;
}
