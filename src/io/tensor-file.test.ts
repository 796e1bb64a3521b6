import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packageRoot } from "../core/index.js";
import { compareTensors, difference } from "./compare-tensors.js";
import { encodeSafetensors } from "./safetensors-write.js";
import { openTensorFile } from "./tensor-file.js";
import { writeEverything } from "./weight-transfer.js";

let folder: string;
const put = async (name: string, contents: string | Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, contents);
  return path;
};
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-tensors-"));
  await put(
    "one.safetensors",
    encodeSafetensors({ a: { data: [1, 2], shape: [2] }, "b.weight": { data: [3], shape: [1] } }),
  );
  await put("two.safetensors", encodeSafetensors({ c: { data: Int32Array.of(7), shape: [] } }));
});
after(() => rm(folder, { recursive: true }));

const index = (map: unknown): Promise<string> =>
  put("model.safetensors.index.json", JSON.stringify({ metadata: { total_size: 16 }, weight_map: map }));

/** A torch file of the goldens. */
async function torchFile(name: string): Promise<string> {
  const { cases } = JSON.parse(await readFile(join(packageRoot, "tests", "golden", "torch_files.json"), "utf8")) as {
    cases: { name: string; file: string }[];
  };
  return put("golden.pth", Buffer.from(cases.find((item) => item.name === name)!.file, "base64"));
}

describe("an index over several files", () => {
  it("reads each tensor from the file that has it", async () => {
    const file = await openTensorFile(
      await index({ a: "one.safetensors", "b.weight": "one.safetensors", c: "two.safetensors" }),
    );
    assert.deepEqual(file.tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape })), [
      { name: "a", dtype: "float32", shape: [2] },
      { name: "b.weight", dtype: "float32", shape: [1] },
      { name: "c", dtype: "int32", shape: [] },
    ]); // prettier-ignore
    assert.deepEqual((await file.read("c")).data, Int32Array.of(7));
    await assert.rejects(file.read("d"), { code: "no-such-tensor" });
  });

  for (const outside of ["../one.safetensors", "/etc/passwd", "..", "a/b.safetensors", "model.safetensors.index.json", 7]) {
    it(`refuses the file name ${JSON.stringify(outside)}`, async () => {
      await assert.rejects(openTensorFile(await index({ a: outside })), /which is not a name in its folder/);
    });
  }

  it("says which tensor a file lacks, and what is no index", async () => {
    await assert.rejects(
      openTensorFile(await index({ missing: "one.safetensors" })),
      /says that one\.safetensors holds "missing", which it does not/,
    );
    await assert.rejects(openTensorFile(await index({ a: "gone.safetensors" })), { code: "not-found", message: /lists gone\.safetensors, which is not beside it/ });
    await assert.rejects(openTensorFile(await index(["a"])), /has no weight_map/);
    await assert.rejects(openTensorFile(await put("b.json", "{")), /is not JSON/);
  });
});

describe("comparing files", () => {
  it("finds a torch file and what was converted from it equal, half precision and integers too", async () => {
    for (const name of ["every dtype, zip, protocol 2", "strided, legacy", "TorchScript"]) {
      const torch = await openTensorFile(await torchFile(name));
      const path = join(folder, "converted.safetensors");
      await writeEverything(path, torch);
      const { compared, onlyFirst, onlySecond, otherShape, otherDtype } = await compareTensors(
        torch,
        await openTensorFile(path),
      );
      assert.equal(compared.length, torch.tensors.length);
      assert.ok(
        compared.every(({ absolute, relative }) => absolute === 0 && relative === 0),
        name,
      );
      assert.deepEqual([onlyFirst, onlySecond, otherShape, otherDtype], [[], [], [], []]);
    }
  });

  it("lists what differs, and how", async () => {
    const a = await openTensorFile(
      await put(
        "x.safetensors",
        encodeSafetensors({
          n: { data: [1, 4], shape: [2] },
          s: { data: [1, 2], shape: [2] },
          only: { data: [], shape: [0] },
          t: { data: [1], shape: [1] },
        }),
      ),
    );
    const b = await openTensorFile(
      await put(
        "y.safetensors",
        encodeSafetensors({
          n: { data: [1, 5], shape: [2] },
          s: { data: [1, 2], shape: [1, 2] },
          t: { data: [1], shape: [1], dtype: "float16" },
          z: { data: [], shape: [0] },
        }),
      ),
    );
    assert.deepEqual(await compareTensors(a, b), {
      compared: [{ name: "n", absolute: 1, relative: 0.2 }, { name: "t", absolute: 0, relative: 0 }],
      onlyFirst: ["only"],
      onlySecond: ["z"],
      otherShape: [{ name: "s", first: [2], second: [1, 2] }],
      otherDtype: [{ name: "t", first: "float32", second: "float16" }],
    }); // prettier-ignore
  });

  it("tells 64-bit integers apart, and takes not-a-number for equal to itself alone", () => {
    assert.equal(difference(BigInt64Array.of(2n ** 62n), BigInt64Array.of(2n ** 62n + 1n)).absolute, 1);
    assert.deepEqual(difference([NaN, Infinity, -Infinity], [NaN, Infinity, -Infinity]), { absolute: 0, relative: 0 });
    assert.equal(difference([NaN], [1]).absolute, Infinity);
    assert.equal(difference([Infinity], [-Infinity]).absolute, Infinity);
  });
});
