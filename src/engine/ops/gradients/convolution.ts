import type { GradConfig, NamedAttrMap, Tensor, Tensor4D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";
import { convFilterGradient, convInputGradient } from "../convolution.js";
import { depthwiseFilterGradient, depthwiseInputGradient } from "../depthwise.js";

interface ConvAttrs {
  readonly strides: [number, number] | number;
  readonly pad: "valid" | "same" | number;
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Convolutions: as upstream where it has a gradient; dilated ones, which it refuses, from plain operations. */
export function dilatedConvolutionGradients(tf: TensorFlow): GradConfig[] {
  const isDilated = (attrs: ConvAttrs): boolean => [attrs.dilations ?? 1].flat().some((rate) => rate > 1);
  const info = (x: Tensor, filter: Tensor, attrs: ConvAttrs, depthwise: boolean) =>
    tf.backend_util.computeConv2DInfo(
      (x as Tensor4D).shape,
      (filter as Tensor4D).shape,
      attrs.strides,
      attrs.dilations ?? 1,
      attrs.pad,
      attrs.dimRoundingMode,
      depthwise,
    );
  const withDilation = (
    kernelName: string,
    depthwise: boolean,
    dx: typeof convInputGradient,
    dFilter: typeof convFilterGradient,
  ): GradConfig => {
    const upstream = tf.getGradient(kernelName);
    return {
      ...upstream,
      gradFunc: (dy, saved, attrs: NamedAttrMap) => {
        const conv = attrs as unknown as ConvAttrs;
        if (!isDilated(conv)) return upstream.gradFunc(dy, saved, attrs);
        const [x, filter] = saved as Tensor4D[];
        return {
          x: () => dx(tf, dy as Tensor4D, filter, info(x, filter, conv, depthwise)),
          filter: () => dFilter(tf, x, dy as Tensor4D, info(x, filter, conv, depthwise)),
        };
      },
    };
  };
  return [
    withDilation("Conv2D", false, convInputGradient, convFilterGradient),
    withDilation("DepthwiseConv2dNative", true, depthwiseInputGradient, depthwiseFilterGradient),
  ];
}
