import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packageRoot } from "../core/index.js";
import { readSafetensors, writeSafetensors, type TensorInput } from "../io/index.js";
import { astraBackbone, backboneShapes } from "../methods/astra/index.js";
import { captured } from "./captured.fixture.js";

const { slots } = astraBackbone(backboneShapes.small);
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-cli-weights-"));
  const { cases } = JSON.parse(await readFile(join(packageRoot, "tests", "golden", "torch_files.json"), "utf8")) as {
    cases: { name: string; file: string }[];
  };
  for (const [file, name] of [["a.pth", "strided, legacy"], ["b.pt", "training checkpoint, zip, protocol 2"]])
    await writeFile(join(folder, file), Buffer.from(cases.find((item) => item.name === name)!.file, "base64")); // prettier-ignore
  await writeResnet("resnet.safetensors");
  await writeResnet("short.safetensors", ["layer3.0.bn2.running_var"]);
});
after(() => rm(folder, { recursive: true }));

/** A small ResNet under torchvision's names, each tensor filled with its number. */
async function writeResnet(name: string, without: readonly string[] = []): Promise<void> {
  const tensors = slots.map(({ from, shape }, i): [string, TensorInput] => [
    from,
    { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(i) },
  ]);
  const extra: [string, TensorInput][] = [
    ["fc.weight", { shape: [1], data: [0] }],
    ["bn1.num_batches_tracked", { shape: [], data: BigInt64Array.of(3n) }],
    ["notes", { shape: [1], data: [1] }],
  ];
  await writeSafetensors(join(folder, name), new Map([...tensors.filter(([from]) => !without.includes(from)), ...extra]));
}

const folio = (...args: string[]) => captured(args, { cwd: folder });

describe("folio weights inspect", () => {
  it("lists names, types, shapes and sizes", async () => {
    const { code, out } = await folio("weights", "inspect", "a.pth");
    assert.equal(code, 0);
    assert.match(out, /^base {11}float32 {2}4 × 6 {10}96 bytes\n/);
    assert.match(out, /\nscalar {9}float32 {2}scalar {9}4 bytes\n/);
    assert.match(
      out,
      /\nshared: base, transposed, window, steps, expanded\n9 tensors, 83 numbers, 300 bytes \(torch-legacy\)\n$/,
    );
  });

  it("prints the list as JSON", async () => {
    const { out } = await folio("weights", "inspect", "b.pt", "--json");
    const { format, tensors, parameters, values } = JSON.parse(out) as {
      format: string;
      tensors: object[];
      parameters: number;
      values: Record<string, unknown>;
    };
    assert.deepEqual([format, tensors.length, parameters, values.epoch], ["torch", 12, 32, 12]);
    assert.deepEqual(tensors[0], { name: "state_dict.0.weight", dtype: "float32", shape: [2, 1, 2, 2], bytes: 32 });
  });

  it("is also what folio inspect finds", async () => {
    const { out } = await folio("inspect", "b.pt");
    assert.match(out, /^b\.pt: PyTorch checkpoint, /);
    assert.match(out, /\n {2}“epoch” {8}12\n/);
  });
});

describe("folio weights convert", () => {
  it("keeps every tensor, which verify finds equal", async () => {
    const converted = await folio("weights", "convert", "b.pt", "--to", "safetensors", "--out", "b.safetensors");
    assert.match(converted.out, /^12 tensors written to b\.safetensors/);
    const { code, out } = await folio("weights", "verify", "b.pt", "b.safetensors");
    assert.deepEqual([code, out], [0, "12 tensors compared, largest difference 0.00, relative 0.00\n"]);
  });

  it("says what ASTRA's encoder used, did not need and left over", async () => {
    const { code, out } = await folio(
      "weights",
      "convert",
      "resnet.safetensors",
      "--for",
      "astra",
      "--architecture",
      "small",
      "--out",
      "encoder.safetensors",
    );
    assert.equal(code, 0);
    assert.match(out, /\nused {7}layer2\.0\.downsample\.0\.weight → encoder\.backbone\.layer2\.0\.downsample\.0\.weight\n/);
    assert.match(out, /\nnot needed fc\.weight: the classifier of ImageNet's 1000 classes\n/);
    assert.match(out, new RegExp(`\nleft over {2}notes\n${slots.length} used, 2 not needed, 1 left over, 0 missing\n$`));
    const { tensors } = await readSafetensors(join(folder, "encoder.safetensors"));
    assert.equal(tensors.size, slots.length);
    slots.forEach(({ to, shape }, i) => assert.deepEqual([tensors.get(to)!.shape, tensors.get(to)!.data[0]], [shape, i]));
  });

  it("finds the architecture by trying, and folds batch norms when asked to", async () => {
    const { code, out } = await folio("weights", "convert", "resnet.safetensors", "--for", "astra", "--fold-batch-norm", "--out", "folded.safetensors");
    assert.equal(code, 0);
    assert.match(out, /^as small: a ResNet of 1\+1\+1\+1 blocks, batch norms folded\n/);
    assert.match(out, /\nused {7}conv1\.weight, bn1\.weight, bn1\.running_var → encoder\.backbone\.conv1\.weight \(bn1 folded in\)\n/);
    const { tensors } = await readSafetensors(join(folder, "folded.safetensors"));
    assert.deepEqual([...tensors.keys()].filter((name) => /bn\d|downsample\.1/.test(name)), []);
    const value = (name: string) => slots.findIndex(({ from }) => from === name); // every tensor holds its number
    const scale = value("bn1.weight") / Math.sqrt(value("bn1.running_var") + 1e-5);
    const shift = value("bn1.bias") - value("bn1.running_mean") * scale;
    assert.ok(Math.abs(Number(tensors.get("encoder.backbone.conv1.bias")!.data[0]) - shift) < 1e-5);
    const plain = await folio("weights", "convert", "resnet.safetensors", "--fold-batch-norm", "--out", "folded2.safetensors");
    assert.equal(plain.code, 0, plain.err);
    assert.ok((await readSafetensors(join(folder, "folded2.safetensors"))).tensors.has("layer3.0.conv2.bias"));
  });

  it("fails when a tensor is missing, and writes nothing", async () => {
    const { code, out, err } = await folio(
      "weights",
      "convert",
      "short.safetensors",
      "--for",
      "astra",
      "--architecture",
      "small",
      "--out",
      "none.safetensors",
    );
    assert.equal(code, 1);
    assert.match(out, /\nmissing {4}layer3\.0\.bn2\.running_var\n/);
    assert.match(err, /lacks 1 of the \d+ tensors of a ResNet of 1\+1\+1\+1 blocks: layer3\.0\.bn2\.running_var\./);
    await assert.rejects(readFile(join(folder, "none.safetensors")), { code: "ENOENT" });
  });
});

describe("folio weights verify", () => {
  it("exits 1 and names what differs beyond the tolerance", async () => {
    await writeSafetensors(join(folder, "x.safetensors"), { w: { data: [1, 4], shape: [2] } });
    await writeSafetensors(join(folder, "y.safetensors"), { w: { data: [1, 5], shape: [2] } });
    const { code, out } = await folio("weights", "verify", "x.safetensors", "y.safetensors");
    assert.equal(code, 1);
    assert.match(out, /^differs {3}w: at most 1\.00, relative 0\.200\n/);
    assert.equal((await folio("weights", "verify", "x.safetensors", "y.safetensors", "--tolerance", "0.2")).code, 0);
    assert.equal((await folio("weights", "verify", "x.safetensors", "y.safetensors", "--tolerance", "lots")).code, 2);
  });
});
