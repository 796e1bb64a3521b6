import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Interrupted, packageRoot } from "../core/index.js";
import { parseNotebook, readNotebook } from "./files.js";
import type { Notebook, Output } from "./nbformat.js";
import { BadParameter } from "./parameters.js";
import { CellFailed, CellTimeout, runNotebook } from "./run.js";
import { findProblems } from "./validate.js";

const fixture = (name: string): string => join(packageRoot, "tests", "notebooks", `${name}.ipynb`);

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-notebook-"));
});
after(() => rm(folder, { recursive: true }));

/** The outputs of each code cell, shortened: the kind and the plain text. */
function outputs({ cells }: Notebook): string[][] {
  return cells.filter((cell) => cell.cell_type === "code").map((cell) => (cell.outputs ?? []).map(short));
}

function short(output: Output): string {
  if (output.output_type === "stream") return `${output.name}: ${output.text}`;
  if (output.output_type === "error") return `error: ${output.ename}: ${output.evalue}`;
  return `${output.output_type}: ${String(output.data["text/plain"])}`;
}

describe("runNotebook", () => {
  it("shares bindings between cells and lets them be declared again", async () => {
    const { notebook, cells } = await runNotebook({ path: fixture("shares-and-redeclares-bindings") });
    assert.equal(cells, 2);
    assert.deepEqual(outputs(notebook), [[], ["execute_result: [ 10, 3, 1 ]"]]);
  });

  it("knows the kernel's magics", async () => {
    const path = join(folder, "magics.ipynb");
    const sources = ["%check on", "%%md\n**bold**", "const x: number = 2;\n%env FOLIO_MAGIC=yes\n%env FOLIO_MAGIC", "%%time\nx + 1", "%%check\nx + 2", "%%check\nconst y: string = x;"];
    const cells = sources.map((source, i) => ({ cell_type: "code", id: `c${i}`, metadata: { tags: i === 5 ? ["raises-exception"] : [] }, source, outputs: [], execution_count: null }));
    await writeFile(path, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
    const { notebook } = await runNotebook({ path });
    const [none, bold, env, timed, checked, wrong] = outputs(notebook);
    assert.deepEqual([none, bold, env, checked], [[], ["execute_result: **bold**"], ["stdout: yes\n"], ["execute_result: 4"]]);
    assert.match(timed.join(), /execute_result: 3/);
    assert.match(timed.join(), /stdout: Wall time: [\d.]+ ms/);
    assert.deepEqual(wrong, ["error: TypeCheck: 1 problem; the cell was not run."]);
  });

  it("writes every kind of output as valid nbformat 4.5, the same bytes each time", async () => {
    const [first, second] = [join(folder, "first.ipynb"), join(folder, "second.ipynb")];
    const { notebook } = await runNotebook({ path: fixture("every-kind-of-output"), out: first });
    await runNotebook({ path: fixture("every-kind-of-output"), out: second });
    const text = await readFile(first, "utf8");
    assert.deepEqual(findProblems(JSON.parse(text)), []);
    assert.equal(text, await readFile(second, "utf8"));
    assert.deepEqual(
      parseNotebook(text).cells.map((cell) => cell.execution_count),
      [1, 2, 3, 4, null, 5, 6],
    );
    assert.deepEqual(outputs(notebook), [
      ["stdout: out\n", "stderr: err\n", "stdout: a\nb\n"],
      ["display_data: **done**", "execute_result: name    auc\n─────  ────\nfan    0.91\nvalve   0.5"],
      ["stdout: step 3"],
      ["error: RangeError: allowed"],
      [],
      ["execute_result: Float32Array(3) [1, 2, 3]\nmin 1, max 3, mean 2, sd 0.816497", "stdout: late, from cell 5\n"],
      ["execute_result: 2"],
    ]);
  });

  it("runs notebooks written for tslab unchanged", async () => {
    const { notebook } = await runNotebook({ path: fixture("written-for-tslab") });
    const [first, second] = notebook.cells.map((cell) =>
      (cell.outputs ?? []).map((output) => ("data" in output ? output.data : output)),
    );
    assert.deepEqual(first, [
      { "text/html": "<b>1</b>", "text/plain": "text/html" },
      { "text/markdown": "*b*", "text/plain": "*b*" },
    ]);
    const { "text/html": drawn, ...plotly } = second[1] as Record<string, unknown>;
    assert.match(String(drawn), /data-folio-chart/, "drawn in pages that know no Plotly, too");
    assert.deepEqual([second[0], plotly, second[2]], [
      { "image/png": "iVA=", "text/plain": "image/png" },
      { "application/vnd.plotly.v1+json": { data: [] }, "text/plain": "application/vnd.plotly.v1+json" },
      { "text/plain": "2" },
    ]);
  });

  it("stops at the first failing cell, names its line, and saves what there is", async () => {
    const out = join(folder, "failed.ipynb");
    await assert.rejects(
      runNotebook({ path: fixture("stops-at-the-failing-line"), name: "nb.ipynb", out }),
      (error: CellFailed) => {
        assert.ok(error instanceof CellFailed);
        assert.equal(
          error.message,
          `nb.ipynb: Cell [2], line 3: RangeError: divisor is 0 (thrown in Cell [1], line 3). The outputs so far are in ${out}`,
        );
        return true;
      },
    );
    const saved = await readNotebook(out);
    assert.deepEqual(outputs(saved), [["stdout: kept\n"], ["error: RangeError: divisor is 0"], []]);
    assert.deepEqual(
      saved.cells.map((cell) => cell.execution_count),
      [1, 2, null],
    );
  });

  it("fails for a rejection that nobody handled, in the cell that caused it", async () => {
    await assert.rejects(runNotebook({ path: fixture("rejects-late"), name: "nb" }), {
      message: "nb: Cell [1], line 1: TypeError: too late",
    });
  });

  it("ends a cell that takes too long, and one that is interrupted, and saves", async () => {
    const out = join(folder, "stopped.ipynb");
    await assert.rejects(runNotebook({ path: fixture("runs-for-ever"), out, timeoutMs: 1500 }), CellTimeout);
    assert.deepEqual(outputs(await readNotebook(out))[0], ["stdout: before\n"]);
    const controller = new AbortController();
    const progress = { begin: () => ({ update: () => void setTimeout(() => controller.abort(), 100), end: () => {} }) };
    await assert.rejects(
      runNotebook({ path: fixture("runs-for-ever"), out, signal: controller.signal, progress }),
      Interrupted,
    );
    assert.deepEqual(outputs(await readNotebook(out))[0], ["stdout: before\n"]);
  });

  it("says when a cell ends the process, and keeps what it printed", async () => {
    const out = join(folder, "ended.ipynb");
    await assert.rejects(runNotebook({ path: fixture("ends-its-process"), out }), /exit code 3/);
    assert.equal(outputs(await readNotebook(out))[0][0], "stdout: last words\n");
  });

  it("sets typed parameters in a cell of their own, after the defaults", async () => {
    const path = fixture("typed-parameters");
    const { notebook } = await runNotebook({
      path,
      parameters: { preset: "small", seed: "2", rates: "1,2", verbose: "true", label: "x" },
    });
    assert.deepEqual(outputs(notebook)[2], ["execute_result: [ 'small', 2, [ 1, 2 ], true, 'x' ]"]);
    assert.deepEqual(notebook.cells[1].metadata.tags, ["injected-parameters"]);
  });

  it("refuses a parameter of the wrong type or an unknown name before anything runs", async () => {
    const path = fixture("typed-parameters");
    const refused = async (parameters: Record<string, unknown>): Promise<string> => {
      const error = await runNotebook({ path, name: "nb", parameters }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof BadParameter);
      return error.message;
    };
    assert.equal(
      await refused({ seed: "two" }),
      'nb: seed must be number (parameters cell, line 3: seed: number = 1), but got "two".',
    );
    assert.equal(
      await refused({ preset: "big" }),
      'nb: preset must be "quick" | "small" (parameters cell, line 2: preset: Preset = "quick"), but got "big".',
    );
    assert.equal(
      await refused({ rates: [1, "x"] }),
      'nb: rates must be number[] (parameters cell, line 4: rates = [0.1, 0.2]), but got [1,"x"].',
    );
    assert.equal(await refused({ sede: 1 }), "nb: no parameter is called sede. It has preset, seed, rates, verbose, label.");
  });
});
