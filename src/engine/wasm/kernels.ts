import type { KernelConfig, KernelFunc, NamedTensorInfoMap, Tensor, Tensor4D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";
import { convFilterGradient, convInputGradient } from "../ops/convolution.js";
import { depthwiseFilterGradient, depthwiseInputGradient } from "../ops/depthwise.js";
import { einsumKernel } from "../ops/einsum.js";
import { maxPoolGradient } from "./max-pool-gradient.js";
import { packedInOneShape } from "./packed-matrix.js";
import { unsortedSegmentSum } from "./segment-sum.js";

/** What a kernel is called with, its attributes typed by the one who reads them. */
export interface KernelCall<Attrs> {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: Attrs;
  readonly backend: object;
}

interface ConvAttrs {
  readonly strides: [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly dilations?: [number, number];
}

interface ReduceAttrs {
  readonly axis: number | number[];
  readonly keepDims: boolean;
}

/**
 * Gives the wasm backend the kernels that training needs and upstream does not have, corrects what is wrong
 * (MaxPoolGrad, sums of nothing, products by reshaped data) and replaces what is slow. A kernel may be written in plain operations: they run inside it
 * without being recorded for gradients. Calling it again does nothing.
 */
export function registerWasmKernels(tf: TensorFlow): void {
  if (tf.getKernel("Conv2DBackpropFilter", "wasm")) return;
  const { add, replace } = registrar(tf);
  const convInfo = (x: number[], filter: number[], attrs: ConvAttrs, depthwise: boolean) =>
    tf.backend_util.computeConv2DInfo(
      x as Shape4D,
      filter as Shape4D,
      attrs.strides,
      attrs.dilations ?? 1,
      attrs.pad,
      attrs.dimRoundingMode,
      depthwise,
    );

  add<ConvAttrs & { filterShape: Shape4D }>("Conv2DBackpropFilter", ({ inputs: { x, dy }, attrs }) =>
    convFilterGradient(tf, x as Tensor4D, dy as Tensor4D, convInfo(x!.shape, attrs.filterShape, attrs, false)),
  );
  add<ConvAttrs & { filterShape: Shape4D }>("DepthwiseConv2dNativeBackpropFilter", ({ inputs: { x, dy }, attrs }) =>
    depthwiseFilterGradient(tf, x as Tensor4D, dy as Tensor4D, convInfo(x!.shape, attrs.filterShape, attrs, true)),
  );
  add<ConvAttrs & { inputShape: Shape4D }>("DepthwiseConv2dNativeBackpropInput", ({ inputs: { dy, filter }, attrs }) =>
    depthwiseInputGradient(tf, dy as Tensor4D, filter as Tensor4D, convInfo(attrs.inputShape, filter!.shape, attrs, true)),
  );
  tf.registerKernel(einsumKernel(tf, "wasm"));
  add<{ numSegments: number }>("UnsortedSegmentSum", unsortedSegmentSum);

  // Upstream loops pixel by pixel; a convolution of the turned filter goes through XNNPACK.
  replace<ConvAttrs & { inputShape: Shape4D }>(
    "Conv2DBackpropInput",
    () =>
      ({ inputs: { dy, filter }, attrs }) =>
        convInputGradient(tf, dy as Tensor4D, filter as Tensor4D, convInfo(attrs.inputShape, filter!.shape, attrs, false)),
  );

  // Upstream starts its search at the smallest positive number, so a window without a positive value is answered wrongly.
  replace("MaxPoolGrad", () => maxPoolGradient(tf));

  const packed = packedInOneShape(tf);
  replace("_FusedMatMul", (upstream) => (call) => upstream({ ...call, inputs: { ...call.inputs, b: packed(call.inputs.b!) } }));

  // XNNPACK multiplies only matrices that lie as they are; transposing first is much faster than upstream's loop.
  replace<{ transposeA: boolean; transposeB: boolean }>("BatchMatMul", (upstream) => (call) => {
    const {
      attrs: { transposeA, transposeB },
      inputs: { a, b },
    } = call;
    if (!transposeA && !transposeB) return upstream({ ...call, inputs: { a: a!, b: packed(b!) } });
    return tf.matMul(transposeA ? swapLast(tf, a as Tensor) : (a as Tensor), transposeB ? swapLast(tf, b as Tensor) : (b as Tensor));
  });

  // Summing over leading axes (a batch-norm, a bias) is a product with a row of ones; upstream transposes everything first.
  for (const name of ["Sum", "Mean"]) {
    replace<ReduceAttrs>(name, (upstream) => (call) => {
      const x = call.inputs.x as Tensor;
      const axes = tf.util.parseAxisParam(call.attrs.axis, x.shape).sort((p, q) => p - q);
      const kept = x.shape.flatMap((size, axis) => (!axes.includes(axis) ? [size] : call.attrs.keepDims ? [1] : []));
      if (x.size === 0) return name === "Mean" ? tf.mul(tf.zeros(kept), NaN) : tf.zeros(kept, x.dtype); // upstream leaves memory as it was
      const leading = axes.length > 0 && axes.length < x.rank && axes.every((axis, i) => axis === i);
      if (!leading || x.dtype !== "float32") return upstream(call);
      const rows = tf.util.sizeFromShape(x.shape.slice(0, axes.length));
      const sum = tf.matMul(tf.ones([1, rows]), x.reshape([rows, -1]));
      return (name === "Mean" ? tf.div(sum, rows) : sum).reshape(kept);
    });
  }
}

type Shape4D = [number, number, number, number];
type TypedKernel<Attrs> = (call: KernelCall<Attrs>) => ReturnType<KernelFunc>;

function registrar(tf: TensorFlow) {
  const register = <Attrs>(config: Omit<KernelConfig, "backendName" | "kernelFunc">, kernel: TypedKernel<Attrs>): void => {
    const kernelFunc = (call: KernelCall<Attrs>) => tf.tidy(() => kernel(call) as Tensor);
    tf.registerKernel({ ...config, backendName: "wasm", kernelFunc: kernelFunc as unknown as KernelFunc });
  };
  return {
    add: <Attrs>(kernelName: string, kernel: TypedKernel<Attrs>): void => register({ kernelName }, kernel),
    /** Keeps upstream's own set-up, so that the replaced kernel can be called from the new one, also after a restart. */
    replace: <Attrs>(kernelName: string, make: (upstream: TypedKernel<Attrs>) => TypedKernel<Attrs>): void => {
      const { kernelFunc, setupFunc, disposeFunc } = tf.getKernel(kernelName, "wasm");
      tf.unregisterKernel(kernelName, "wasm");
      register({ kernelName, setupFunc, disposeFunc }, make(kernelFunc as unknown as TypedKernel<Attrs>));
    },
  };
}

function swapLast(tf: TensorFlow, x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}
