// Our kernel in real front ends and a real browser: JupyterLab and Notebook 7 from PyPI, Notebook 6 where Debian's is installed.
// Where they or Python are missing these tests are skipped and say so; with FOLIO_REQUIRE_INTEROP=1 (CI) that is a failure, but for
// Notebook 6, which PyPI no longer keeps together. FOLIO_PYTHON names another interpreter.
//   pip install -r tests/interop/requirements.txt
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { notebookOf, openScreen, startServer } from "./front-end.fixture.mjs";
import { labPage } from "./lab.page.mjs";

const python = process.env.FOLIO_PYTHON ?? "python3";
const { status } = spawnSync(python, ["-c", "import anywidget, jupyterlab, notebook"], { stdio: "ignore" });
const missing = status === 0 ? false : `${python} with jupyterlab, notebook 7 and anywidget is not here`;
if (missing && process.env.FOLIO_REQUIRE_INTEROP === "1") throw new Error(`FOLIO_REQUIRE_INTEROP is set, but ${missing}.`);
if (missing) console.warn(`Skipped: the kernel was not tried in JupyterLab and Notebook, because ${missing}.`);

const figure = `import * as figures from "folio/figures";
figures.learningCurves([{ name: "loss", style: figures.seriesStyles(["loss"]).get("loss")!, x: [1, 2, 3], y: [4, 2, 1] }],
  { id: "training-loss", xTitle: "step", yTitle: "loss", generated: true })`;

const slider = `import { widget, display, html } from "folio/display";
const shown = display(html("<b id='driven'>3 squared is 9</b>"));
const slider = widget({
  esm: \`export default { render({ model, el }) {
    const input = document.createElement("input");
    Object.assign(input, { type: "range", min: 0, max: 10, value: model.get("value"), className: "driver" });
    input.oninput = () => { model.set("value", Number(input.value)); model.save_changes(); };
    el.append(input);
  } }\`,
  state: { value: 3 },
});
slider.onChange(({ value }) => shown.update(html(\`<b id='driven'>\${value} squared is \${value! ** 2}</b>\`)));
slider`;

const mean = `function mean(values: number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
mean([1, 2, 6])`;

const cells = [
  "const answer: number = 41;\nanswer + 1",
  figure,
  '[{ name: "fan", auc: 0.91 }, { name: "valve", auc: 0.5 }]',
  slider,
  "",
  'throw new RangeError("too far");',
];

for (const { name, module, app, path } of [
  { name: "JupyterLab", module: "jupyterlab", app: "LabApp", path: "/lab/tree/tried.ipynb" },
  { name: "Notebook 7", module: "notebook", app: "JupyterNotebookApp", path: "/notebooks/tried.ipynb" },
])
  describe(name, { skip: missing, timeout: 240_000 }, () => {
    let server, screen, page, lab;
    before(async () => {
      server = await startServer(python, ["-m", module, `--${app}.expose_app_in_browser=True`]);
      writeFileSync(join(server.folder, "tried.ipynb"), notebookOf(cells));
      screen = await openScreen();
      page = await screen.page();
      await page.goto(server.page(path));
      lab = labPage(page);
      await screen.watched(page, `${name} opens`, lab.opened);
    });
    after(async () => {
      await screen?.close();
      await server?.stop();
    });
    const reader = (what, work) => it(what, () => screen.watched(page, `${name} ${what}`, work));

    reader("runs all cells and shows a result, a figure, a table and an error's line", async () => {
      await lab.command("notebook:run-all-cells");
      await lab.output(0, /^42$/m);
      await lab.within(1, ".js-plotly-plot .main-svg .trace");
      assert.match(await lab.output(2, /valve/), /fan\s+0\.91/);
      assert.match(await lab.output(5, /RangeError/), /too far\n\s+at Cell \[\d+\], line 1\n\s+throw new RangeError/);
    });

    reader("drives what is shown by a slider", async () => {
      const input = await lab.within(3, "input.driver");
      const { x, y, width, height } = await input.boundingBox();
      await page.mouse.click(x + width - 2, y + height / 2);
      await lab.output(3, /10 squared is 100/);
    });

    reader("completes names with their types and explains them", async () => {
      await lab.complete(4, "answer.toFix", (items) => items.includes("toFixed"));
      await lab.complete(4, "Math.a", (items) => ["abs", "acos", "atan2"].every((one) => items.includes(one)));
      await lab.write(4, "Math.abs");
      await page.keyboard.down("Shift");
      await page.keyboard.press("Tab");
      await page.keyboard.up("Shift");
      await lab.panel(/abs\(x: number\): number[^]*absolute value/, ".jp-Tooltip");
      await page.keyboard.press("Escape");
    });

    reader("warns of a type error under a cell that ran", async () => {
      await lab.write(4, "const text: string = answer;\ntext + 1");
      await lab.runCell();
      await lab.output(4, /^42$/m);
      await lab.output(4, /Type warning, line 1: Type 'number' is not assignable to type 'string'/);
    });

    reader("debugs: stops at a breakpoint, shows variables, steps and goes on", async () => {
      await lab.write(4, mean);
      await lab.debugging();
      await lab.breakpoint(4, 3);
      await lab.runCell();
      await lab.panel(/mean[^]*Cell \[\d+\]/, ".jp-DebuggerCallstack");
      await lab.panel(/values:?\s*Array\(3\)[^]*sum:?\s*0/, ".jp-DebuggerVariables");
      assert.equal(await lab.pausedLine(4), "  for (const value of values) sum += value;");
      await lab.breakpoint(4, 3);
      await lab.command("debugger:next");
      await lab.panel(/sum:?\s*1\b/, ".jp-DebuggerVariables");
      await lab.command("debugger:continue");
      await lab.output(4, /^3$/m);
      await (await page.$(".jp-DebuggerBugButton")).click();
    });

    reader("stops a loop", async () => {
      await lab.write(4, "while (true) {}");
      await lab.runCell();
      await page.waitForFunction(
        (all) => document.querySelectorAll(all)[4].querySelector(".jp-InputPrompt").textContent === "[*]:",
        {},
        lab.cells,
      );
      await lab.command("kernelmenu:interrupt");
      await lab.output(4, /Interrupted: The cell was stopped/);
      await lab.write(4, "answer + 2");
      await lab.runCell();
      await lab.output(4, /^43$/m);
    });

    reader("forgets everything when restarted", async () => {
      await lab.restart();
      await lab.write(4, "typeof answer");
      await lab.runCell();
      await lab.output(4, /^'undefined'$/m);
    });
  });
