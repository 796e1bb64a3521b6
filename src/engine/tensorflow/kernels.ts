import type { KernelFunc, NamedTensorInfoMap, Tensor, Tensor4D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";
import { convFilterGradient, convInputGradient, padOrCrop } from "../ops/convolution.js";
import { depthwiseFilterGradient, depthwiseInputGradient } from "../ops/depthwise.js";
import { einsumKernel } from "../ops/einsum.js";
import { windowOverCells } from "../ops/gradients/avg-pool.js";

type Shape4D = [number, number, number, number];

interface WindowAttrs {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | readonly (readonly [number, number])[];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly dilations?: number | [number, number];
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly filterSize?: number | [number, number];
  readonly filterShape?: Shape4D;
  readonly inputShape?: Shape4D;
}

interface KernelCall {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: WindowAttrs & { readonly transposeA?: boolean; readonly transposeB?: boolean };
  readonly backend: object;
}

type Kernel = (call: KernelCall) => ReturnType<KernelFunc>;

/**
 * What tfjs-node's kernels refuse although TensorFlow.js promises it: padding by a number, dilated depthwise convolutions
 * on the processor, einsum over a label of one operand; and an error about shapes in TensorFlow.js's words. Calling it
 * again does nothing.
 */
export function registerTensorflowKernels(tf: TensorFlow): void {
  if (registered.has(tf)) return;
  registered.add(tf);
  tf.unregisterKernel("Einsum", "tensorflow");
  tf.registerKernel(einsumKernel(tf, "tensorflow"));

  const replace = (kernelName: string, make: (upstream: Kernel) => Kernel): void => {
    const { kernelFunc, ...config } = tf.getKernel(kernelName, "tensorflow");
    tf.unregisterKernel(kernelName, "tensorflow");
    const kernel = make(kernelFunc as unknown as Kernel);
    tf.registerKernel({ ...config, kernelFunc: ((call: KernelCall) => tf.tidy(() => kernel(call) as Tensor)) as unknown as KernelFunc });
  };
  const convolution = (x: number[], filter: number[], { strides, dilations = 1, pad, dimRoundingMode }: WindowAttrs, depthwise: boolean) =>
    tf.backend_util.computeConv2DInfo(x as Shape4D, filter as Shape4D, strides, dilations, pad as number, dimRoundingMode, depthwise);
  const pooling = (x: number[], { filterSize, strides, pad, dimRoundingMode }: WindowAttrs) =>
    tf.backend_util.computePool2DInfo(x as Shape4D, filterSize!, strides, 1, pad as number, dimRoundingMode);

  // Padded first, every window is "valid".
  const padded = ({ inputs, attrs, ...call }: KernelCall, depthwise: boolean): KernelCall => {
    if (!isExplicit(attrs)) return { inputs, attrs, ...call };
    const { padInfo } = convolution(inputs.x!.shape, inputs.filter!.shape, attrs, depthwise);
    const x = padOrCrop(tf, inputs.x as Tensor4D, [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right]);
    return { ...call, inputs: { ...inputs, x }, attrs: { ...attrs, pad: "valid" } };
  };
  const undilated = ({ inputs, attrs, ...call }: KernelCall): KernelCall => {
    if (!isDilated(attrs)) return { inputs, attrs, ...call };
    return { ...call, inputs: { ...inputs, filter: spread(tf, inputs.filter as Tensor4D, pair(attrs.dilations)) }, attrs: { ...attrs, dilations: [1, 1] } };
  };
  for (const name of ["Conv2D", "FusedConv2D"]) replace(name, (upstream) => (call) => upstream(padded(call, false)));
  for (const name of ["DepthwiseConv2dNative", "FusedDepthwiseConv2D"])
    replace(name, (upstream) => (call) => upstream(padded(undilated(call), true)));

  const gradient = (name: string, depthwise: boolean, compute: (call: KernelCall) => Tensor4D): void => {
    replace(name, (upstream) => (call) => (isExplicit(call.attrs) || (depthwise && isDilated(call.attrs)) ? compute(call) : upstream(call)));
  };
  for (const [name, depthwise, ofInput, ofFilter] of [
    ["Conv2DBackprop", false, convInputGradient, convFilterGradient],
    ["DepthwiseConv2dNativeBackprop", true, depthwiseInputGradient, depthwiseFilterGradient],
  ] as const) {
    gradient(`${name}Input`, depthwise, ({ inputs: { dy, filter }, attrs }) =>
      ofInput(tf, dy as Tensor4D, filter as Tensor4D, convolution(attrs.inputShape!, filter!.shape, attrs, depthwise)),
    );
    gradient(`${name}Filter`, depthwise, ({ inputs: { x, dy }, attrs }) =>
      ofFilter(tf, x as Tensor4D, dy as Tensor4D, convolution(x!.shape, attrs.filterShape!, attrs, depthwise)),
    );
  }

  const framed = (x: Tensor4D, attrs: WindowAttrs, value: number): Tensor4D => {
    const { top, bottom, left, right } = pooling(x.shape, attrs).padInfo;
    return tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]], value);
  };
  const validPool = (call: KernelCall, input: string, value: number): KernelCall => ({
    ...call,
    inputs: { ...call.inputs, [input]: framed(call.inputs[input] as Tensor4D, call.attrs, value) },
    attrs: { ...call.attrs, pad: "valid" },
  });
  const inside = (dx: ReturnType<Kernel>, { inputs: { input }, attrs }: KernelCall): Tensor => {
    const { padInfo } = pooling(input!.shape, attrs);
    return tf.slice(dx as Tensor4D, [0, padInfo.top, padInfo.left, 0], input!.shape as Shape4D);
  };
  const lowest = -3.4028234663852886e38; // of float32: below every value, and finite
  replace("MaxPool", (upstream) => (call) => upstream(isExplicit(call.attrs) ? validPool(call, "x", lowest) : call));
  replace("MaxPoolGrad", (upstream) => (call) =>
    isExplicit(call.attrs) ? inside(upstream(validPool(call, "input", lowest)), call) : upstream(call),
  );
  replace("AvgPool", (upstream) => (call) => {
    if (!isExplicit(call.attrs)) return upstream(call);
    const means = upstream(validPool(call, "x", 0)) as Tensor4D;
    return tf.mul(means, windowOverCells(tf, pooling(call.inputs.x!.shape, call.attrs)));
  });
  // TensorFlow divides by the cells inside the image; Folio's gradient expects TensorFlow.js's division by the whole window.
  replace("AvgPoolGrad", (upstream) => (call) => (call.attrs.pad === "valid" ? upstream(call) : inside(upstream(validPool(call, "input", 0)), call)));

  replace("BatchMatMul", (upstream) => (call) => {
    const { inputs: { a, b }, attrs } = call;
    const [inner, outer] = [a!.shape.at(attrs.transposeA ? -2 : -1), b!.shape.at(attrs.transposeB ? -1 : -2)];
    tf.util.assert(inner === outer, () => `Error in matMul: inner shapes (${inner}) and (${outer}) of Tensors with shapes ${a!.shape} and ${b!.shape} must match.`);
    return upstream(call);
  });
}

const registered = new WeakSet<object>();

const pair = (size: number | readonly [number, number] | undefined): readonly [number, number] =>
  size === undefined ? [1, 1] : typeof size === "number" ? [size, size] : size;
const isExplicit = ({ pad }: WindowAttrs): boolean => typeof pad !== "string" && pad !== 0;
const isDilated = ({ dilations }: WindowAttrs): boolean => pair(dilations).some((rate) => rate > 1);

/** A filter with zeros between its taps: the same as looking at every second, third … pixel. */
function spread(tf: TensorFlow, filter: Tensor4D, [dilationY, dilationX]: readonly [number, number]): Tensor4D {
  const [height, width, channels, multiplier] = filter.shape;
  const cells = tf.pad(filter.reshape([height, 1, width, 1, channels, multiplier]), [[0, 0], [0, dilationY - 1], [0, 0], [0, dilationX - 1], [0, 0], [0, 0]]);
  return tf.slice(
    cells.reshape<Tensor4D>([height * dilationY, width * dilationX, channels, multiplier]),
    [0, 0, 0, 0],
    [(height - 1) * dilationY + 1, (width - 1) * dilationX + 1, channels, multiplier],
  );
}
