import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Completions } from "../language/language.js";
import { complete } from "./complete.js";

const completed = async (
  code: string,
  { typed, values }: { typed?: Completions; values: Readonly<Record<string, readonly string[]>> },
): Promise<[string[], number]> => {
  const asked = new Promise<Completions>((resolve) => {
    if (typed !== undefined) resolve(typed);
    else setTimeout(resolve, 60, { start: code.length, end: code.length, items: [{ text: "typed", kind: "const" }] });
  });
  const found = await complete(
    { language: { complete: () => asked }, live: (path) => Promise.resolve(values[path.join(".")] ?? []), patienceMs: 10 },
    code,
    code.length,
  );
  return [found.items.map(({ text }) => text), found.start];
};

describe("completion", () => {
  const none = { start: 0, end: 0, items: [] };

  it("asks the values while the type checker is loading, and takes its answer where they have none", async () => {
    const values = { "": ["tf", "total"], "tf.layers": ["dense", "dropout", "lstm"] };
    assert.deepEqual(await completed("const a = tf.layers.d", { values }), [["dense", "dropout"], 20]);
    assert.deepEqual(await completed("await (t", { values }), [["tf", "total"], 7]);
    assert.deepEqual(await completed("tf.nothing.", { values }), [["typed"], 11]);
    assert.deepEqual(await completed('import "t', { values }), [["typed"], 9]);
    assert.deepEqual(await completed("tf.relu(x).t", { values }), [["typed"], 12]);
  });

  it("asks the values where the type checker knows nothing", async () => {
    const values = { answer: ["auc", "dice"] };
    assert.deepEqual(await completed("answer?.a", { typed: none, values }), [["auc"], 8]);
    assert.deepEqual(await completed("answer.zz", { typed: none, values }), [[], 0]);
  });

  it("takes the types' answer when it comes in time", async () => {
    const typed = { start: 7, end: 9, items: [{ text: "dice", kind: "property" }] };
    assert.deepEqual(await completed("answer.di", { typed, values: { answer: ["auc"] } }), [["dice"], 7]);
  });
});
