import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileCell } from "./compile.js";
import { CellSyntaxError } from "./syntax.js";

const declares = async (source: string): Promise<readonly string[]> => (await compileCell(source)).declares;

describe("compileCell", () => {
  it("declares every kind of top-level binding for the notebook, and no inner one", async () => {
    assert.deepEqual(
      await declares(
        "const a = 1, { b, c: [d = 2, ...e], ...f } = g; let h; var i; function j() { const k = 1 } class L {} enum M { N } namespace O { export const p = 1 }",
      ),
      ["a", "b", "d", "e", "f", "h", "i", "j", "L", "M", "O"],
    );
    assert.deepEqual(
      await declares('import q, { r as s, type T } from "x"; import * as u from "y"; import type { V } from "z"'),
      ["q", "s", "u"],
    );
    assert.deepEqual(
      await declares("for (var a = 0; a < 1; a++) { var b = a; let c = b } if (a) var d = 1; else var e = 2"),
      ["a", "b", "d", "e"],
    );
  });

  it("declares no types", async () => {
    assert.deepEqual(
      await declares(
        "type A = 1; interface B {} declare const c: number; declare function d(): void; function e(x: number): void; function e(x: unknown) {}",
      ),
      ["e"],
    );
  });

  it("leads a place in the code back to the cell, across removed types and moved functions", async () => {
    const source =
      "interface Long { a: number;\n b: string }\nconst x: Long = read<Long>();\nfunction late(n: number): number {\n  return marker(n as number);\n}";
    const { code, original } = await compileCell(source);
    const lines = code.split("\n");
    const line = lines.findIndex((text) => text.includes("marker("));
    const at = original({ line: line + 1, column: lines[line].indexOf("marker(") + 1 });
    assert.deepEqual(at, { line: 5, column: 10 });
  });

  it("names line and column of what is not TypeScript", async () => {
    await assert.rejects(compileCell("const a = 1;\nconst b = ];"), (error: CellSyntaxError) => {
      assert.ok(error instanceof CellSyntaxError);
      assert.deepEqual([error.line, error.column, error.sourceLine, error.atEnd], [2, 11, "const b = ];", false]);
      return true;
    });
    await assert.rejects(compileCell("function f() {"), { atEnd: true });
  });
});
