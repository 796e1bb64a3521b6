import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { terminalProgress } from "./progress.js";

function run(isTTY: boolean): string {
  let text = "";
  let clock = 0;
  const stream = { isTTY, columns: 60, write: (chunk: string) => (text += chunk) };
  const task = terminalProgress(stream, () => clock).begin("train", 4);
  clock = 100;
  task.update(2, "loss 1.50");
  clock = 2500;
  task.end("loss 1.20");
  return text;
}

describe("terminalProgress", () => {
  it("draws a bar in place on a terminal, never wider than the terminal", () => {
    const text = run(true);
    assert.match(text, /\r.*train ━{12}─{12} 2\/4 loss 1\.50/);
    assert.match(text, /train: loss 1\.20, 2\.5 s\n$/);
  });

  it("prints one plain line a task when piped", () => {
    assert.equal(run(false), "train: loss 1.20, 2.5 s\n");
  });
});
