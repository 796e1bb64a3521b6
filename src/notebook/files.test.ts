import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatNotebook, parseNotebook, readNotebook } from "./files.js";
import { findProblems } from "./validate.js";

const notebook = (cells: unknown[], minor = 5): string =>
  JSON.stringify({ nbformat: 4, nbformat_minor: minor, metadata: {}, cells });
const code = { id: "a", cell_type: "code", metadata: {}, source: ["x\n", "y"], outputs: [], execution_count: null };

describe("notebook files", () => {
  it("are the same after reading and writing, whatever form their text had", () => {
    const outputs = [
      { output_type: "stream", name: "stdout", text: ["a\n", "b"] },
      {
        output_type: "display_data",
        metadata: {},
        data: { "text/plain": ["p\n", "q"], "image/png": "AAAA\n", "application/json": { b: 1, a: [2] } },
      },
    ];
    const text = formatNotebook(parseNotebook(notebook([{ ...code, outputs }])));
    assert.equal(formatNotebook(parseNotebook(text)), text);
    assert.deepEqual(findProblems(JSON.parse(text)), []);
    assert.match(text, /"source": \[\n {4}"x\\n",\n {4}"y"\n {3}\]/);
  });

  it("of older minor formats get ids; format 3 is refused with the remedy", () => {
    const { id: _, ...old } = code;
    const { nbformat_minor, cells } = parseNotebook(notebook([old, old], 4));
    assert.equal(nbformat_minor, 5);
    assert.notEqual(cells[0].id, cells[1].id);
    assert.throws(() => parseNotebook('{"nbformat": 3, "worksheets": []}'), { code: "old-notebook" });
  });

  it("that break a rule are refused with the place and the rule", async () => {
    const rule = (cells: unknown[]): string => {
      const [{ where, rule }] = findProblems(JSON.parse(notebook(cells)));
      return `${where} ${rule}`;
    };
    assert.equal(rule([{ ...code, id: "no spaces" }]), "cells[0].id must be 1 to 64 letters, digits, - or _");
    assert.equal(rule([code, code]), "cells[1].id must be unique in the notebook");
    assert.equal(rule([{ ...code, prompt_number: 1 }]), "cells[0].prompt_number is not a field of a code cell");
    assert.equal(
      rule([{ ...code, outputs: [{ output_type: "error", ename: "E", evalue: "" }] }]),
      "cells[0].outputs[0].traceback is required",
    );
    assert.equal(
      rule([{ ...code, outputs: [{ output_type: "display_data", metadata: {}, data: { "text/html": { a: 1 } } }] }]),
      'cells[0].outputs[0].data["text/html"] must be text or a list of lines',
    );
    assert.equal(
      rule([{ ...code, metadata: { tags: ["a", "a"] } }]),
      "cells[0].metadata.tags must be a list of different texts without commas",
    );
    assert.throws(() => parseNotebook("{"), { code: "not-json" });
    await assert.rejects(readNotebook("/no/such.ipynb"), { code: "not-found" });
  });
});
