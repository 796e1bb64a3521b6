import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot } from "../core/index.js";
import { checkNotebook } from "./exercises.js";
import { formatNotebook, parseNotebook, readNotebook } from "./files.js";
import type { Notebook } from "./nbformat.js";
import { cleanVersion, SolutionLeak, solutionVersion, studentVersion } from "./versions.js";

const path = join(packageRoot, "tests", "notebooks", "has-exercises-and-solutions.ipynb");
const sources = ({ cells }: Notebook): string[] => cells.map((cell) => cell.source);

describe("the versions of a course notebook", () => {
  it("for the student have no solution, whole or in part, and no output", async () => {
    const student = studentVersion(await readNotebook(path));
    assert.deepEqual(sources(student), [
      "# Means",
      "function mean(values: number[]): number {\n  // Your code here.\n  return NaN;\n}",
      'import { check } from "folio/notebook";\nconst answer: number | undefined = undefined;\ncheck("the mean of 1, 2, 6", answer, (x) => x === 3, (x) => `${x} is not (1 + 2 + 6) / 3.`)',
    ]);
    assert.doesNotMatch(formatNotebook(student), /reduce|secret output/);
  });

  it("with solutions have them in place of the student's lines", async () => {
    const [, code, , solved] = sources(solutionVersion(await readNotebook(path)));
    assert.equal(
      code,
      "function mean(values: number[]): number {\n  return values.reduce((sum, value) => sum + value, 0) / values.length;\n}",
    );
    assert.match(solved, /^const answer = mean/);
  });

  it("refuse to hand out a solution that stands elsewhere too", () => {
    const cell = (id: string, source: string, tags: string[] = []) => ({
      id,
      cell_type: "code",
      source,
      metadata: { tags },
      outputs: [],
      execution_count: null,
    });
    const notebook = (cells: unknown[]): Notebook =>
      parseNotebook(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
    const leaky = notebook([
      cell("a", "const total = values.reduce(add);"),
      cell("b", "const total = values.reduce(add);", ["solution"]),
    ]);
    assert.throws(() => studentVersion(leaky), SolutionLeak);
  });

  it("when clean are clean again and keep what the author wrote", async () => {
    const clean = cleanVersion(await readNotebook(path));
    assert.equal(formatNotebook(cleanVersion(clean)), formatNotebook(clean));
    assert.deepEqual(
      clean.cells.map((one) => one.metadata.tags ?? []),
      [[], [], ["exercise"], ["exercise", "solution"]],
    );
    assert.ok(
      clean.cells.every((one) => one.cell_type !== "code" || (one.execution_count === null && one.outputs?.length === 0)),
    );
  });
});

describe("checkNotebook", () => {
  it("says which exercises are right, wrong and why, or open, and goes on after a wrong one", async () => {
    const checks = await checkNotebook({ path: join(packageRoot, "tests", "notebooks", "answers-three-exercises.ipynb") });
    assert.deepEqual(checks, [
      { exercise: "half of 6", status: "right", hint: "", cell: 1 },
      { exercise: "twice 4", status: "wrong", hint: "7 is odd.", cell: 2 },
      { exercise: "a third", status: "open", hint: "", cell: 3 },
    ]);
  });
});
