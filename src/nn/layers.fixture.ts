import type { NamedVariable } from "./named.js";
import type { Tensor, TensorFlow } from "./tensorflow.js";

/** Kernels that multiply by a weight. */
const products = new Set(["Conv2D", "DepthwiseConv2dNative", "Conv2DBackpropInput", "BatchMatMul"]);
/** Kernels that only lay a weight out otherwise. */
const layouts = new Set(["Reshape", "Transpose", "Identity", "Cast", "ExpandDims"]);

/**
 * What every layer that multiplies by one of these weights gives before its bias, under the weight's name: the other side of `layers` in
 * tests/golden/torch_tools.py. Of a layer that runs often, the first time counts.
 * @returns tensors the caller owns
 */
export function layersOf(tf: TensorFlow, variables: readonly NamedVariable[], run: () => void): Map<string, Tensor> {
  const names = new Map<object, string>(variables.map(({ name, variable }) => [variable.dataId, name]));
  const seen = new Map<string, Tensor>();
  const engine = tf.engine();
  const own = engine.runKernel;
  engine.runKernel = function (this: typeof engine, ...given: Parameters<typeof own>) {
    const [kernel, inputs] = given;
    const out = own.apply(engine, given) as Tensor;
    const name = Object.values(inputs as Record<string, Tensor>).map((input) => names.get(input?.dataId)).find((found) => found !== undefined);
    if (name === undefined) return out;
    if (layouts.has(kernel)) names.set(out.dataId, name);
    if (products.has(kernel) && !seen.has(name)) seen.set(name, tf.keep(own.call(engine, "Identity", { x: out } as never) as Tensor));
    return out;
  } as typeof own;
  try {
    run();
  } finally {
    engine.runKernel = own;
  }
  return seen;
}
