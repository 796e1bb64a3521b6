import assert from "node:assert/strict";
import { test } from "node:test";
import { RunTable } from "../drive/run-table.js";
import { duration, remainingSeconds, sparkline, tableLines } from "./lines.js";
import { studyDisplay } from "./notebook.js";
import { terminalDisplay } from "./terminal.js";

const progress = { task: "train", done: 30, total: 40, note: "epoch 3/4, loss 0.500", seconds: 60, losses: [2, 1, 0.5] };

test("a line of bars goes from the lowest to the highest number, and a constant one is flat", () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7]), "▁▂▃▄▅▆▇█");
  assert.equal(sparkline([3, 3, 3]), "▁▁▁");
  assert.equal(sparkline([9, 0, 1], 2), "▁█");
});

test("times are short, and what is left follows the pace so far", () => {
  assert.deepEqual([0.4, 99, 200, 7500].map(duration), ["0 s", "99 s", "3 min 20 s", "2 h 05 min"]);
  assert.equal(remainingSeconds(progress), 20);
  assert.equal(remainingSeconds({ ...progress, done: 0 }), undefined);
});

test("the table shows state, epoch, loss and the time left; what does not fit is counted, failures first", () => {
  const views = [
    { id: "a", state: "running", failures: 0, progress },
    { id: "b", state: "failed", failures: 2, error: "out of memory" },
    ...Array.from({ length: 30 }, (_, i) => ({ id: `c${i}`, state: "done", failures: 0, seconds: 4 }) as const),
  ] as const;
  const lines = tableLines(views, { width: 100, height: 6, seconds: 61 });
  assert.equal(lines[0], "━━━━━━━━━━━━━━━━━━━━━━━─ 30 of 32 done · 1 running · 1 failed · 61 s");
  assert.equal(lines[1].trim(), "a   running    train 30/40  epoch 3/4, loss 0.500  █▃▁  20 s left");
  assert.match(lines[2], /b {3}failed {5}out of memory/);
  assert.equal(lines.at(-1), "  … and 29 more");
  assert.ok(tableLines(views, { width: 30, height: 6 }).every((line) => line.length <= 30));
});

test("on a terminal the table is drawn in its place", () => {
  let [text, now] = ["", 0];
  const show = terminalDisplay({ isTTY: true, columns: 80, rows: 24, write: (part) => (text += part) }, () => now);
  const table = new RunTable(["a"], show.update);
  table.set("a", { state: "running" });
  now = 5000;
  table.set("a", { state: "done", seconds: 4 });
  show.end();
  assert.ok(text.includes("\u001b[2A\u001b[0J"), "goes up by the two lines of the table");
  assert.match(text, /1 of 1 done · 5 s\n {2}a {2}done {7}4 s\n$/);
});

test("piped, there is one plain line when a run begins and ends, and none in between", () => {
  let text = "";
  const show = terminalDisplay({ write: (part) => (text += part) });
  const table = new RunTable(["a", "b"], show.update);
  table.set("a", { state: "running" });
  table.set("a", { progress });
  table.set("a", { failures: 1, error: "out of luck" });
  table.set("a", { state: "queued" });
  table.set("a", { state: "running" });
  table.set("a", { state: "done", seconds: 4, because: [{ ingredient: "code src/nn/adam.ts", how: "changed" }] });
  table.set("b", { state: "failed", error: "no data" });
  assert.deepEqual(text.trim().split("\n"), ["a: begins", "a: tried again after: out of luck", "a: done, 4 s (changed: src/nn/adam.ts)", "b: failed, no data"]);
});

test("in a notebook one output is kept up to date, as a table and as text", () => {
  const shown: { data: Record<string, string>; id?: string }[] = [];
  const note = (bundle: { data?: Record<string, string> }, id?: string): void => void shown.push({ data: bundle.data ?? (bundle as Record<string, string>), id });
  const key = Symbol.for("folio.display.channel");
  Reflect.set(globalThis, key, { show: note, update: note, clear() {}, pending() {}, signal: () => new AbortController().signal });
  try {
    let now = 0;
    const show = studyDisplay(() => now);
    const table = new RunTable(["<a>"], show.update);
    table.set("<a>", { state: "running", progress });
    now = 3000;
    table.set("<a>", { state: "done", seconds: 3 });
    show.end("reports/demo/out/report.html");
    assert.equal(new Set(shown.map(({ id }) => id)).size, 1);
    const last = shown.at(-1)!.data;
    assert.match(last["text/plain"], /1 of 1 done · 3 s\n {2}<a> {2}done {7}3 s\nReport: reports\/demo\/out\/report\.html$/);
    assert.match(last["text/html"], /<a href="[^"]*reports\/demo\/out\/report\.html"/);
    assert.match(last["text/html"], /<td style="text-align:left">&lt;a&gt;<\/td>/);
    assert.match(shown.at(1)!.data["text/plain"], /epoch 3\/4, loss 0\.500/);
  } finally {
    Reflect.deleteProperty(globalThis, key);
  }
});
