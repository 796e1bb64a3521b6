import type { backend_util } from "@tensorflow/tfjs";
import type { Graph } from "../graph.js";

type Conv2DInfo = backend_util.Conv2DInfo;

/**
 * dL/dfilter of a convolution (x and dy NHWC, result HWIO). ONNX has no operator for it, so it is made of products,
 * one a tap of the filter. Which layout is quicker depends on the shape: large maps with few channels go channels
 * first and image by image, small maps with many channels as one product over all pixels.
 */
export function filterGradient(graph: Graph, x: string, dy: string, info: Conv2DInfo): string {
  return info.outHeight * info.outWidth >= 2 * info.inChannels ? imageByImage(graph, x, dy, info) : overAllPixels(graph, x, dy, info);
}

const filterShape = (info: Conv2DInfo): number[] => [info.filterHeight, info.filterWidth, info.inChannels, info.outChannels];

/** For each tap Σ over images of [I, pixels]·[pixels, O]. */
function imageByImage(graph: Graph, x: string, dy: string, info: Conv2DInfo): string {
  const { batchSize, inChannels, outChannels, outHeight, outWidth, padInfo } = info;
  const pixels = outHeight * outWidth;
  const framed = graph.pad(graph.transpose(x, [0, 3, 1, 2]), [0, 0, padInfo.top, padInfo.left], [0, 0, padInfo.bottom, padInfo.right]);
  const gradient = graph.reshape(graph.transpose(dy, [0, 3, 1, 2]), [batchSize, outChannels, pixels]);
  const taps = shifts(graph, framed, info, [2, 3]).map((shifted) => {
    const product = graph.op("FusedMatMul", [graph.reshape(shifted, [batchSize, inChannels, pixels]), gradient], { transA: 0, transB: 1 }, "com.microsoft");
    return graph.reduceSum(product, [0], true);
  });
  return graph.reshape(graph.op("Concat", taps, { axis: 0 }), filterShape(info));
}

/** For each tap [I, N·pixels]·[N·pixels, O]. */
function overAllPixels(graph: Graph, x: string, dy: string, info: Conv2DInfo): string {
  const { batchSize, inChannels, outChannels, outHeight, outWidth, padInfo } = info;
  const pixels = batchSize * outHeight * outWidth;
  const framed = graph.pad(x, [0, padInfo.top, padInfo.left, 0], [0, padInfo.bottom, padInfo.right, 0]);
  const gradient = graph.reshape(dy, [pixels, outChannels]);
  const taps = shifts(graph, framed, info, [1, 2]).map((shifted) =>
    graph.reshape(graph.op("Gemm", [graph.reshape(shifted, [pixels, inChannels]), gradient], { transA: 1 }), [1, inChannels, outChannels]));
  return graph.reshape(graph.op("Concat", taps, { axis: 0 }), filterShape(info));
}

/** What each tap of the filter sees of the padded input, row by row. */
function shifts(graph: Graph, framed: string, info: Conv2DInfo, axes: readonly [number, number]): string[] {
  const { filterHeight, filterWidth, outHeight, outWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  return Array.from({ length: filterHeight * filterWidth }, (_, tap) => {
    const from = [Math.floor(tap / filterWidth) * dilationHeight, (tap % filterWidth) * dilationWidth];
    const to = [from[0] + (outHeight - 1) * strideHeight + 1, from[1] + (outWidth - 1) * strideWidth + 1];
    return graph.slice(framed, axes, from, to, [strideHeight, strideWidth]);
  });
}
