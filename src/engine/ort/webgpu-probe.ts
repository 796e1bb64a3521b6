import { Graph } from "./graph.js";
import { encodeModel } from "./onnx/model.js";
import { nativeRuntime } from "./native-runtime.js";

// Run by webgpu.ts: prints 2 × 3 as the GPU computes it.
const { compile, tensor } = await nativeRuntime();
const graph = new Graph("webgpu");
const value = { type: "float32", shape: [1] } as const;
const model = graph.finish(
  [
    { name: "a", ...value },
    { name: "b", ...value },
  ],
  [{ name: "c", ...value, source: graph.mul("a", "b") }],
);
const session = compile(encodeModel(model), { threads: 1, provider: "webgpu" });
const { c } = await session.run({ a: tensor("float32", Float32Array.of(2), [1]), b: tensor("float32", Float32Array.of(3), [1]) }, { c: null });
process.stdout.write(String((c.data as Float32Array)[0]));
