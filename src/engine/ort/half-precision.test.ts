import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot } from "../../core/index.js";
import { unet } from "../cases/pytorch/unet.js";
import { vit } from "../cases/pytorch/vit.js";
import { openEngine } from "../open.js";
import { Graph } from "./graph.js";
import { halfPrecision, type HalfPrecision } from "./half-precision.js";
import { nativeRuntime } from "./native-runtime.js";
import { encodeModel, type OnnxGraph } from "./onnx/model.js";

/** softmax((x · w) · w), whose last step stays in float32. */
function products(): OnnxGraph {
  const graph = new Graph();
  const float = (name: string, shape: readonly number[]) => ({ name, type: "float32" as const, shape });
  const twice = graph.op("MatMul", [graph.op("MatMul", ["x", "w"]), "w"]);
  const y = graph.op("Softmax", [twice], { axis: 1 });
  return graph.finish([float("x", [1, 2]), float("w", [2, 2])], [{ ...float("y", [1, 2]), source: y }, { ...float("z", [1, 2]), source: twice }]);
}

const kinds = ({ nodes }: OnnxGraph): string => nodes.map(({ type }) => type).join(" ");

describe("halfPrecision", () => {
  it("rounds an operand once, hands a product to the next as it is, and widens what leaves", () => {
    assert.equal(kinds(products()), "MatMul MatMul Softmax");
    assert.equal(kinds(halfPrecision(products(), "float16")), "Cast Cast MatMul MatMul Cast Softmax");
  });

  it("leaves convolutions in float32 for bfloat16, and the blocked layout alone", () => {
    const graph = (domain: string): OnnxGraph => {
      const { inputs, outputs, constants } = products();
      return { inputs, outputs, constants, nodes: [{ type: "Conv", domain, inputs: ["x", "w"], outputs: ["y"], attributes: {} }] };
    };
    assert.equal(kinds(halfPrecision(graph(""), "bfloat16")), "Conv");
    assert.equal(kinds(halfPrecision(graph("com.microsoft.nchwc"), "float16")), "Conv");
    assert.equal(kinds(halfPrecision(graph(""), "float16")), "Cast Cast Conv Cast");
  });

  it("is a graph that ONNX Runtime takes", async () => {
    const { compile, tensor } = await nativeRuntime();
    const session = compile(encodeModel(halfPrecision(products(), "float16")), { threads: 1 });
    const { z } = await session.run({ x: tensor("float32", Float32Array.of(1, 2), [1, 2]), w: tensor("float32", Float32Array.of(1, 2, 3, 4), [2, 2]) }, { y: null, z: null });
    assert.deepEqual([...(z.data as Float32Array)], [37, 54]);
    session.dispose();
  });
});

describe("precision on the processor", () => {
  // 1 + 2⁻¹¹ lies between two numbers of float16 and becomes the even one, 1; 1 + 2⁻⁹ is one of them, and in bfloat16 becomes 1.
  for (const [precision, given, expected] of [
    ["float16", 1 + 2 ** -11, 1],
    ["float16", 1 + 2 ** -9, 1 + 2 ** -9],
    ["bfloat16", 1 + 2 ** -9, 1],
    ["bfloat16", 1 + 2 ** -7, 1 + 2 ** -7],
  ] as const) {
    it(`multiplies ${given} as ${expected} in ${precision}, and adds in float32`, async () => {
      const { tf, close, describe: described } = await openEngine({ prefer: "ort", precision });
      const product = tf.matMul(tf.tensor2d([[given]]), tf.tensor2d([[1]]));
      assert.deepEqual([...(await product.data())], [expected]);
      assert.deepEqual([...(await tf.add(given, 0).data())], [given]);
      assert.match(described().device, new RegExp(`products in ${precision}$`));
      await close();
    });
  }

  for (const precision of ["float16", "bfloat16"] as const satisfies HalfPrecision[])
    for (const [name, make, scale] of [
      ["unet", unet, 0.83],
      ["vit", vit, 0.24],
    ] as const) {
      it(`trains a ${name} in ${precision} near PyTorch's float32, and not as float32 does`, async () => {
        const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "training_nets.json"), "utf8")) as Record<string, { losses: number[] }>;
        const engine = await openEngine({ prefer: "ort", precision });
        const { variables, loss } = make(engine.tf);
        const optimizer = engine.tf.train.adam(1e-3, 0.9, 0.999, 1e-7);
        const step = engine.step(() => optimizer.minimize(loss, true, [...variables])!);
        const off: number[] = [];
        for (const expected of golden[name].losses) off.push(Math.abs((await step().data())[0] - expected) / scale);
        assert.ok(Math.max(...off) < 0.01, `up to ${Math.max(...off)} of the first loss off`);
        assert.ok(Math.max(...off) > 1e-5, "nothing was rounded");
        await engine.close();
      });
    }
});
