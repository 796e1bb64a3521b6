import type { Tensor4D, backend_util } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";

type Conv2DInfo = backend_util.Conv2DInfo;

/**
 * Gradients of a 2-D convolution (NHWC) written as convolutions, for any strides and dilations. They serve backends
 * that lack the gradient kernels, and dilated convolutions everywhere, for which TensorFlow.js has no gradient.
 */

/** dL/dx: dy with zeros between its pixels (strides), convolved with the filter turned by 180° and I ↔ O swapped. */
export function convInputGradient(tf: TensorFlow, dy: Tensor4D, filter: Tensor4D, info: Conv2DInfo): Tensor4D {
  if (tilesExactly(info)) return tiledInputGradient(tf, dy, filter, info);
  const { inHeight, inWidth, padInfo, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  const spread = insertZeros(tf, dy, strideHeight, strideWidth);
  const reachY = (info.filterHeight - 1) * dilationHeight;
  const reachX = (info.filterWidth - 1) * dilationWidth;
  const vertical = border(inHeight, spread.shape[1], reachY, padInfo.top);
  const horizontal = border(inWidth, spread.shape[2], reachX, padInfo.left);
  const framed = padOrCrop(tf, spread, vertical, horizontal); //    [N, H + reachY, W + reachX, O]
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]); // [fh, fw, O, I]
  return tf.conv2d(framed, turned, 1, "valid", "NHWC", [dilationHeight, dilationWidth]);
}

/**
 * dL/dfilter: the same convolution with the roles swapped – input channels are the batch, images are the channels,
 * dy is the filter, strides and dilations change places. One large matrix product a layer instead of one a tap.
 */
export function convFilterGradient(tf: TensorFlow, x: Tensor4D, dy: Tensor4D, info: Conv2DInfo): Tensor4D {
  const { batchSize, inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const pixels = batchSize * outHeight * outWidth;
  if (filterHeight === 1 && filterWidth === 1 && info.strideHeight === 1 && info.strideWidth === 1) {
    return tf.matMul(x.reshape([pixels, inChannels]), dy.reshape([pixels, outChannels]), true).reshape([1, 1, inChannels, outChannels]);
  }
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  const height = (outHeight - 1) * strideHeight + (filterHeight - 1) * dilationHeight + 1; // rows that any tap touches
  const width = (outWidth - 1) * strideWidth + (filterWidth - 1) * dilationWidth + 1;
  const framed = padOrCrop(tf, x, [padInfo.top, height - info.inHeight - padInfo.top], [padInfo.left, width - info.inWidth - padInfo.left]);
  const images = tf.transpose(framed, [3, 1, 2, 0]); //                         [I, height, width, N]
  const kernel = tf.transpose(dy, [1, 2, 0, 3]); //                             [oh, ow, N, O]
  const taps = tf.conv2d(images, kernel, [dilationHeight, dilationWidth], "valid", "NHWC", [strideHeight, strideWidth]); // [I, fh, fw, O]
  return tf.transpose(taps, [1, 2, 0, 3]);
}

/** Windows that neither overlap nor leave a gap, as in a 2×2 transposed convolution: a product and a re-ordering. */
function tiledInputGradient(tf: TensorFlow, dy: Tensor4D, filter: Tensor4D, info: Conv2DInfo): Tensor4D {
  const { batchSize, outHeight, outWidth, outChannels, inChannels, filterHeight, filterWidth } = info;
  const blocks = tf.matMul(dy.reshape([-1, outChannels]), filter.reshape([-1, outChannels]), false, true); // [N·oh·ow, fh·fw·I]
  return blocks
    .reshape<Tensor4D>([batchSize * outHeight, outWidth, filterHeight, filterWidth * inChannels])
    .transpose([0, 2, 1, 3])
    .reshape(info.inShape);
}

function tilesExactly(info: Conv2DInfo): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  return (
    filterHeight === strideHeight &&
    filterWidth === strideWidth &&
    dilationHeight === 1 &&
    dilationWidth === 1 &&
    info.inHeight === info.outHeight * strideHeight &&
    info.inWidth === info.outWidth * strideWidth
  );
}

/** [N, h, w, C] → [N, h·sy, w·sx, C] with every value in the upper left corner of its cell and zeros elsewhere. */
export function insertZeros(tf: TensorFlow, x: Tensor4D, strideY: number, strideX: number): Tensor4D {
  if (strideY === 1 && strideX === 1) return x;
  const [n, h, w, c] = x.shape;
  const cells = tf.pad(x.reshape([n, h, 1, w, 1, c]), [
    [0, 0],
    [0, 0],
    [0, strideY - 1],
    [0, 0],
    [0, strideX - 1],
    [0, 0],
  ]);
  return cells.reshape([n, h * strideY, w * strideX, c]);
}

/** Rows to add before and after dy (negative: to drop) so that a valid convolution reaching `reach` gives `size`. */
export function border(size: number, length: number, reach: number, padBefore: number): [number, number] {
  const before = reach - padBefore;
  return [before, size + reach - length - before];
}

export function padOrCrop(
  tf: TensorFlow,
  x: Tensor4D,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): Tensor4D {
  const [n, h, w, c] = x.shape;
  const [cropTop, cropBottom, cropLeft, cropRight] = [top, bottom, left, right].map((side) => Math.max(0, -side));
  const cropped =
    cropTop + cropBottom + cropLeft + cropRight === 0
      ? x
      : tf.slice(x, [0, cropTop, cropLeft, 0], [n, h - cropTop - cropBottom, w - cropLeft - cropRight, c]);
  const [padTop, padBottom, padLeft, padRight] = [top, bottom, left, right].map((side) => Math.max(0, side));
  if (padTop + padBottom + padLeft + padRight === 0) return cropped;
  return tf.pad(cropped, [
    [0, 0],
    [padTop, padBottom],
    [padLeft, padRight],
    [0, 0],
  ]);
}
