import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TypeWarnings } from "./type-warnings.js";

const problem = { line: 1, column: 1, message: "wrong", code: 1 };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("type warnings", () => {
  const setUp = () => {
    const asked: string[] = [];
    const shown: number[] = [];
    const warnings = new TypeWarnings({
      check: async (code) => {
        asked.push(code);
        await pause(5);
        return code.includes("bad") ? [problem] : [];
      },
      show: (cell) => shown.push(cell),
      idleMs: 20,
    });
    return { asked, shown, warnings };
  };

  it("are looked for when no cell has run for a while, and shown for the cells that have some", async () => {
    const { asked, shown, warnings } = setUp();
    for (const [cell, code] of ["fine", "bad 1", "bad 2"].entries()) {
      warnings.cellStarts();
      warnings.cellEnded(cell, code);
    }
    assert.deepEqual(asked, []);
    for (const deadline = Date.now() + 5000; shown.length < 2 && Date.now() < deadline;) await pause(5);
    assert.deepEqual(
      [asked, shown],
      [
        ["fine", "bad 1", "bad 2"],
        [1, 2],
      ],
    );
  });

  it("wait while a cell runs", async () => {
    const { asked, warnings } = setUp();
    warnings.cellEnded(1, "bad 1");
    warnings.cellStarts();
    await pause(60);
    assert.deepEqual(asked, []);
    warnings.cellEnded(2, "");
    for (const deadline = Date.now() + 5000; asked.length === 0 && Date.now() < deadline;) await pause(5);
    assert.deepEqual(asked, ["bad 1"]);
  });

  it("are not looked for when switched off", async () => {
    const { asked, warnings } = setUp();
    warnings.on = false;
    warnings.cellEnded(1, "bad");
    await pause(40);
    assert.deepEqual(asked, []);
  });
});
