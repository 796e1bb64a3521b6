import type { KernelFunc, Tensor } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";
import { einsumKernel } from "../ops/einsum.js";

interface ReduceCall {
  readonly inputs: { readonly x: Tensor };
  readonly attrs: { readonly axis: number | number[]; readonly keepDims: boolean };
}

const registered = new WeakSet<object>();

/** Corrects what TensorFlow.js's WebGPU kernels get wrong. Calling it again does nothing. */
export function registerWebgpuKernels(tf: TensorFlow): void {
  if (registered.has(tf)) return;
  registered.add(tf);
  // Upstream's einsum leaves an axis of 1 where a label was summed away.
  tf.unregisterKernel("Einsum", "webgpu");
  tf.registerKernel(einsumKernel(tf, "webgpu"));
  // Upstream asks the GPU for a buffer of no size.
  for (const [name, ofNothing] of [["Sum", 0], ["Mean", NaN], ["Prod", 1], ["Max", -Infinity], ["Min", Infinity]] as const) {
    const { kernelFunc: upstream, ...config } = tf.getKernel(name, "webgpu");
    const kernel = (call: ReduceCall) => {
      const { x } = call.inputs;
      if (x.shape.every((size) => size > 0)) return upstream(call as unknown as Parameters<KernelFunc>[0]);
      const axes = tf.util.parseAxisParam(call.attrs.axis, x.shape);
      const kept = x.shape.flatMap((size, axis) => (!axes.includes(axis) ? [size] : call.attrs.keepDims ? [1] : []));
      return tf.fill(kept, ofNothing, name === "Mean" ? "float32" : x.dtype);
    };
    tf.unregisterKernel(name, "webgpu");
    tf.registerKernel({ ...config, kernelFunc: kernel as unknown as KernelFunc });
  }
}
