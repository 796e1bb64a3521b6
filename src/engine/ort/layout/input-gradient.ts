import type { BlockedOperators } from "./blocked-operators.js";
import type { InputGradient } from "./form.js";

/**
 * dL/dx of a convolution: dy, with zeros between its pixels where the convolution had strides, convolved with the
 * turned filter. Blocked.
 * @param first the first of the input channels wanted
 * @param count how many of them
 */
export function convolutionInputGradient(
  blocked: BlockedOperators,
  { dy, filter, info }: InputGradient,
  first = 0,
  count = info.inChannels,
): string {
  const { graph, block } = blocked;
  const { batchSize, inHeight, inWidth, outHeight, outWidth, outChannels, strideHeight, strideWidth, filterHeight, filterWidth } = info;
  const [height, width] = [outHeight * strideHeight, outWidth * strideWidth];
  const reach = [(filterHeight - 1) * info.dilationHeight, (filterWidth - 1) * info.dilationWidth];
  const [top, left] = [reach[0] - info.padInfo.top, reach[1] - info.padInfo.left];
  const [bottom, right] = [inHeight - (height + top - reach[0]), inWidth - (width + left - reach[1])];
  let gradient = dy;
  if (strideHeight > 1 || strideWidth > 1) {
    const cells = graph.reshape(dy, [(batchSize * outChannels) / block, outHeight, 1, outWidth, 1, block]);
    gradient = graph.pad(cells, [0, 0, 0, 0, 0, 0], [0, 0, strideHeight - 1, 0, strideWidth - 1, 0]);
  }
  const [usedHeight, usedWidth] = [height + Math.min(0, bottom), width + Math.min(0, right)];
  if (usedHeight < height || usedWidth < width) {
    const planes = graph.reshape(gradient, [(batchSize * outChannels) / block, height, width, block]);
    gradient = graph.slice(planes, [1, 2], [0, 0], [usedHeight, usedWidth]);
  }
  if (gradient !== dy) gradient = graph.reshape(gradient, [batchSize, outChannels, usedHeight, usedWidth]);
  const turned = blocked.turnedFilter(filter, [filterHeight, filterWidth, info.inChannels, outChannels], first, count);
  return blocked.convolve(gradient, turned, {
    kernel_shape: [filterHeight, filterWidth],
    pads: [top, left, Math.max(0, bottom), Math.max(0, right)],
    dilations: [info.dilationHeight, info.dilationWidth],
  });
}
