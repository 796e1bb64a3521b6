// Our kernel in Notebook 6, which Debian ships (apt-get install jupyter-notebook) and PyPI no longer keeps together. Where it is not
// installed this is skipped and says so, also in CI.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { notebookOf, openScreen, startServer } from "./front-end.fixture.mjs";

const program = "/usr/bin/jupyter-notebook";
const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
const missing = stdout?.startsWith("6.") ? false : `${program} is not Notebook 6`;
if (missing) console.warn(`Skipped: the kernel was not tried in Notebook 6, because ${missing}.`);

const figure = `import * as figures from "folio/figures";
figures.learningCurves([{ name: "loss", style: figures.seriesStyles(["loss"]).get("loss")!, x: [1, 2, 3], y: [4, 2, 1] }],
  { id: "training-loss", xTitle: "step", yTitle: "loss", generated: true })`;

describe("Notebook 6", { skip: missing, timeout: 240_000 }, () => {
  let server, screen, page;
  before(async () => {
    server = await startServer(program, []);
    writeFileSync(join(server.folder, "tried.ipynb"), notebookOf(["const answer: number = 41;\nanswer + 1", figure, ""]));
    screen = await openScreen();
    page = await screen.page();
    await page.goto(server.page("/notebooks/tried.ipynb"));
    await page.waitForFunction(() => window.Jupyter?.notebook?.kernel?.is_connected());
    await page.waitForSelector(".code_cell:nth-of-type(3)");
  });
  after(async () => {
    await screen?.close();
    await server?.stop();
  });
  const reader = (what, work) => it(what, () => screen.watched(page, `Notebook 6 ${what}`, work));

  /** Waits until a part of the page shows a match. */
  const shows = (css, pattern) =>
    page.waitForFunction(
      (selector, source) =>
        [...document.querySelectorAll(selector)].some((one) => new RegExp(source, "m").test(one.innerText)),
      {},
      css,
      pattern.source,
    );
  const cell = (i, inner) => `#notebook-container .code_cell:nth-of-type(${i + 1}) ${inner}`;
  /** Puts text into the last cell in place of its own, and leaves the cursor at its end. */
  const write = async (text) => {
    await page.click(cell(2, ".CodeMirror"));
    await page.evaluate(() => window.Jupyter.notebook.get_cell(2).set_text(""));
    await page.keyboard.type(text);
  };
  const run = () => page.evaluate(() => window.Jupyter.notebook.get_cell(2).execute());

  reader("runs all cells and shows a result and a figure", async () => {
    await page.evaluate(() => window.Jupyter.notebook.execute_all_cells());
    await shows(cell(0, ".output"), /^42$/);
    await page.waitForSelector(cell(1, ".js-plotly-plot .main-svg .trace"));
  });

  reader("completes and explains", async () => {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
      await write("Math.a");
      await page.keyboard.press("Tab");
      const offered = await page.waitForSelector("#complete option", { timeout: 5000 }).catch(() => undefined);
      if (offered !== undefined) break;
    }
    const names = await page.$$eval("#complete option", (options) => options.map((one) => one.textContent.trim()));
    assert.ok(
      ["abs", "acos", "atan2"].every((name) => names.some((one) => one.includes(name))),
      names.join(" "),
    );
    await page.keyboard.press("Escape");
    await write("Math.abs");
    await page.keyboard.down("Shift");
    await page.keyboard.press("Tab");
    await page.keyboard.up("Shift");
    await shows("#tooltip", /abs\(x: number\): number/);
    await page.keyboard.press("Escape");
  });

  reader("stops a loop", async () => {
    await write("while (true) {}");
    await run();
    await shows(cell(2, ".input_prompt"), /\[\*\]/);
    await page.click('button[data-jupyter-action="jupyter-notebook:interrupt-kernel"]');
    await shows(cell(2, ".output"), /Interrupted: The cell was stopped/);
    await write("answer + 2");
    await run();
    await shows(cell(2, ".output"), /^43$/);
  });

  reader("forgets everything when restarted", async () => {
    await page.evaluate(() => window.Jupyter.notebook.restart_kernel({ confirm: false }));
    await page.waitForFunction(() => window.Jupyter.notebook.kernel.is_connected());
    await write("typeof answer");
    await run();
    await shows(cell(2, ".output"), /^'undefined'$/);
  });
});
