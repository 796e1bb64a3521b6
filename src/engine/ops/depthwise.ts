import type { Tensor4D, backend_util } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";
import { border, insertZeros, padOrCrop } from "./convolution.js";

type Conv2DInfo = backend_util.Conv2DInfo;

/** Gradients of a depthwise convolution (NHWC) with any channel multiplier, strides and dilations, from plain operations. */

/** dL/dx: a depthwise convolution of dy with the turned filter, summed over the multiplier. */
export function depthwiseInputGradient(tf: TensorFlow, dy: Tensor4D, filter: Tensor4D, info: Conv2DInfo): Tensor4D {
  const [fh, fw, channels, multiplier] = filter.shape;
  const spread = insertZeros(tf, dy, info.strideHeight, info.strideWidth);
  const vertical = border(info.inHeight, spread.shape[1], (fh - 1) * info.dilationHeight, info.padInfo.top);
  const horizontal = border(info.inWidth, spread.shape[2], (fw - 1) * info.dilationWidth, info.padInfo.left);
  const framed = padOrCrop(tf, spread, vertical, horizontal);
  const turned = tf.reverse(filter, [0, 1]).reshape<Tensor4D>([fh, fw, channels * multiplier, 1]);
  const each = tf.depthwiseConv2d(framed, turned, 1, "valid", "NHWC", [info.dilationHeight, info.dilationWidth]); // [N, H, W, C·m]
  return multiplier === 1 ? each : tf.sum(each.reshape([...info.inShape, multiplier]), -1);
}

/** dL/dfilter: for every tap, the sum over images and pixels of the shifted input times dy. */
export function depthwiseFilterGradient(tf: TensorFlow, x: Tensor4D, dy: Tensor4D, info: Conv2DInfo): Tensor4D {
  const { batchSize, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  const multiplier = outChannels / inChannels;
  const height = (outHeight - 1) * strideHeight + (filterHeight - 1) * dilationHeight + 1;
  const width = (outWidth - 1) * strideWidth + (filterWidth - 1) * dilationWidth + 1;
  const framed = padOrCrop(tf, x, [padInfo.top, height - info.inHeight - padInfo.top], [padInfo.left, width - info.inWidth - padInfo.left]);
  const gradient = dy.reshape([batchSize, outHeight, outWidth, inChannels, multiplier]);
  const taps = [];
  for (let i = 0; i < filterHeight; i++) {
    for (let j = 0; j < filterWidth; j++) {
      const begin = [0, i * dilationHeight, j * dilationWidth, 0];
      const end = [batchSize, begin[1] + (outHeight - 1) * strideHeight + 1, begin[2] + (outWidth - 1) * strideWidth + 1, inChannels];
      const shifted = tf.stridedSlice(framed, begin, end, [1, strideHeight, strideWidth, 1]); // [N, oh, ow, C]
      taps.push(tf.sum(tf.mul(shifted.expandDims(-1), gradient), [0, 1, 2])); //                  [C, m]
    }
  }
  return tf.stack(taps).reshape([filterHeight, filterWidth, inChannels, multiplier]);
}
