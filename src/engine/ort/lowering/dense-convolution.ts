import type { backend_util } from "@tensorflow/tfjs";
import type { Graph } from "../graph.js";
import { range } from "./rule.js";

type Conv2DInfo = backend_util.Conv2DInfo;

/** The three uses of one convolution; activations stay NHWC, so nothing but the filter is re-ordered. */
export interface ProductForm {
  forward(x: string, filter: string): string;
  inputGradient(dy: string, filter: string): string;
  filterGradient(x: string, dy: string): string;
}

/** A convolution that is better written as a matrix product, or undefined. */
export function productForm(graph: Graph, info: Conv2DInfo): ProductForm | undefined {
  const { padInfo } = info;
  const padded = padInfo.top + padInfo.left + padInfo.bottom + padInfo.right > 0;
  if (info.filterHeight === 1 && info.filterWidth === 1 && !padded) return pointwise(graph, info);
  if (info.inHeight * info.inWidth * info.outHeight * info.outWidth <= largestMap) return smallMap(graph, info);
  return undefined;
}

/** Input times output pixels up to which every pixel may as well see every other: 2×2 from 4×4, 3×3 from 2×2 … */
const largestMap = 64;

/** A 1×1 convolution is a product over channels; with strides, of the pixels it looks at. */
function pointwise(graph: Graph, info: Conv2DInfo): ProductForm {
  const { batchSize, inChannels, outChannels, outHeight, outWidth, strideHeight, strideWidth, inHeight, inWidth } = info;
  const pixels = batchSize * outHeight * outWidth;
  const strided = strideHeight > 1 || strideWidth > 1;
  const rows = (x: string): string =>
    graph.reshape(strided ? graph.slice(x, [1, 2], [0, 0], [inHeight, inWidth], [strideHeight, strideWidth]) : x, [pixels, inChannels]);
  const matrix = (filter: string): string => graph.reshape(filter, [inChannels, outChannels]);
  return {
    forward: (x, filter) => graph.reshape(graph.op("Gemm", [rows(x), matrix(filter)]), info.outShape),
    inputGradient: (dy, filter) => {
      const seen = graph.op("Gemm", [graph.reshape(dy, [pixels, outChannels]), matrix(filter)], { transB: 1 });
      if (!strided) return graph.reshape(seen, info.inShape);
      const cells = graph.reshape(seen, [batchSize, outHeight, 1, outWidth, 1, inChannels]);
      const spread = graph.pad(cells, [0, 0, 0, 0, 0, 0], [0, 0, strideHeight - 1, 0, strideWidth - 1, 0]);
      const wide = graph.reshape(spread, [batchSize, outHeight * strideHeight, outWidth * strideWidth, inChannels]);
      const [extraRows, extraColumns] = [outHeight * strideHeight - inHeight, outWidth * strideWidth - inWidth];
      const cut = extraRows > 0 || extraColumns > 0 ? graph.slice(wide, [1, 2], [0, 0], [inHeight, inWidth]) : wide;
      return graph.pad(cut, [0, 0, 0, 0], [0, Math.max(0, -extraRows), Math.max(0, -extraColumns), 0]);
    },
    filterGradient: (x, dy) =>
      graph.reshape(graph.op("Gemm", [rows(x), graph.reshape(dy, [pixels, outChannels])], { transA: 1 }), [1, 1, inChannels, outChannels]),
  };
}

/**
 * On maps of a few pixels a convolution is one dense matrix from all input pixels and channels to all output pixels
 * and channels, its blocks copies of the filter's taps: D[q·I, p·O] = filter[tap that p sees q through], or 0.
 */
function smallMap(graph: Graph, info: Conv2DInfo): ProductForm {
  const { batchSize, inChannels, outChannels } = info;
  const [inputs, outputs] = [info.inHeight * info.inWidth, info.outHeight * info.outWidth];
  const taps = info.filterHeight * info.filterWidth;
  const tapOf = tapsBetween(info);
  const columns = (x: string): string => graph.reshape(x, [batchSize, inputs * inChannels]);
  const results = (y: string): string => graph.reshape(y, [batchSize, outputs * outChannels]);
  const dense = (filter: string): string => {
    const rows = graph.reshape(filter, [taps, inChannels * outChannels]);
    const withZero = tapOf.includes(taps) ? graph.pad(rows, [0, 0], [1, 0]) : rows;
    const blocks = graph.reshape(graph.op("Gather", [withZero, graph.ints(tapOf)], { axis: 0 }), [
      inputs,
      outputs,
      inChannels,
      outChannels,
    ]);
    const ordered = outputs === 1 ? blocks : graph.transpose(blocks, [0, 2, 1, 3]);
    return graph.reshape(ordered, [inputs * inChannels, outputs * outChannels]);
  };
  return {
    forward: (x, filter) => graph.reshape(graph.op("Gemm", [columns(x), dense(filter)]), info.outShape),
    inputGradient: (dy, filter) => graph.reshape(graph.op("Gemm", [results(dy), dense(filter)], { transB: 1 }), info.inShape),
    filterGradient: (x, dy) => {
      const blocks = graph.reshape(graph.op("Gemm", [columns(x), results(dy)], { transA: 1 }), [inputs, inChannels, outputs, outChannels]);
      const ordered = outputs === 1 ? blocks : graph.transpose(blocks, [0, 2, 1, 3]);
      const perPair = graph.reshape(ordered, [inputs * outputs, inChannels * outChannels]);
      const sums = range(taps).flatMap((tap) => tapOf.map((other) => (other === tap ? 1 : 0)));
      const perTap = graph.op("Gemm", [graph.constant("float32", sums, [taps, inputs * outputs]), perPair]);
      return graph.reshape(perTap, [info.filterHeight, info.filterWidth, inChannels, outChannels]);
    },
  };
}

/** For every pair (input pixel, output pixel) the tap between them; the number of taps stands for none. */
function tapsBetween(info: Conv2DInfo): number[] {
  const alongY = tapsAlong(info.filterHeight, info.strideHeight, info.dilationHeight, info.padInfo.top);
  const alongX = tapsAlong(info.filterWidth, info.strideWidth, info.dilationWidth, info.padInfo.left);
  const none = info.filterHeight * info.filterWidth;
  return range(info.inHeight).flatMap((inY) =>
    range(info.inWidth).flatMap((inX) =>
      range(info.outHeight).flatMap((outY) =>
        range(info.outWidth).map((outX) => {
          const [y, x] = [alongY(inY, outY), alongX(inX, outX)];
          return y === undefined || x === undefined ? none : y * info.filterWidth + x;
        }),
      ),
    ),
  );
}

function tapsAlong(taps: number, stride: number, dilation: number, padBefore: number) {
  return (input: number, output: number): number | undefined => {
    const offset = input + padBefore - output * stride;
    return offset >= 0 && offset % dilation === 0 && offset / dilation < taps ? offset / dilation : undefined;
  };
}
