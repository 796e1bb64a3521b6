import type { Conv2DInfo } from "../lowering/convolution.js";
import type { BlockedOperators } from "./blocked-operators.js";
import type { Form } from "./form.js";
import type { Forms } from "./forms.js";

/**
 * dL/dfilter (HWIO, natural) as a convolution with the roles swapped: input channels are the batch, images the channels,
 * and dy the filter; strides and dilations change places. Images go in groups, so that a group's dy stays in the cache.
 */
export function blockedFilterGradient(forms: Forms, info: Conv2DInfo, x: Form, dy: Form): string {
  const parts: readonly Form[] = x.kind === "joined" ? x.parts : [x];
  const gradients = parts.map((part) => gradientOfPart(forms, info, part, forms.tensor(dy)));
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const all = gradients.length === 1 ? gradients[0] : forms.graph.op("Concat", gradients, { axis: 1 }); // [taps, I, O]
  return forms.graph.reshape(all, [filterHeight, filterWidth, inChannels, outChannels]);
}

/** Images become channels, and ONNX Runtime takes whole blocks of channels or less than one. */
export function canSwapRoles({ block }: BlockedOperators, { batchSize }: Conv2DInfo): boolean {
  return batchSize < block || batchSize % block === 0;
}

/** [taps, channels of the part, O]. */
function gradientOfPart(forms: Forms, info: Conv2DInfo, part: Form, dy: string): string {
  const { graph, blocked } = forms;
  const { block } = blocked;
  const { batchSize, filterHeight, filterWidth, outChannels, outHeight, outWidth } = info;
  const channels = part.shape[3];
  const taps = filterHeight * filterWidth;
  const pixels = outHeight * outWidth;
  const attributes = {
    kernel_shape: [outHeight, outWidth],
    strides: [info.dilationHeight, info.dilationWidth],
    dilations: [info.strideHeight, info.strideWidth],
  };
  const images = imagesOfAGroup(info, block);
  const groups = batchSize / images;
  const planes = framedPlanes(forms, info, part); // [channels, N, h, w]
  let sums: string;
  if (images % block === 0) {
    const cut = graph.reshape(dy, [batchSize / block, block, outChannels / block, pixels * block]);
    // [O/B, N/B, pixels, B of N, B of O]
    const filters = graph.transpose(
      graph.reshape(cut, [batchSize / block, block, outChannels / block, pixels, block]),
      [2, 0, 3, 1, 4],
    );
    const blocks = blocked.op("ReorderInput", [planes]);
    sums = blocked.convolve(blocks, graph.reshape(filters, [outChannels, batchSize, outHeight, outWidth]), attributes);
  } else {
    const cut = graph.reshape(dy, [groups, images, outChannels / block, pixels * block]);
    const filters = images === 1 || outChannels === block ? cut : graph.transpose(cut, [0, 2, 1, 3]); // [groups, O/B, images, …]
    const shape = [groups * outChannels, images, outHeight, outWidth];
    const each = blocked.convolve(planes, graph.reshape(filters, shape), { ...attributes, group: groups });
    sums = groups === 1 ? each : graph.reduceSum(graph.reshape(each, [channels, groups, outChannels * taps]), [1], false);
  }
  const byTap = graph.transpose(graph.reshape(sums, [channels, outChannels / block, taps, block]), [2, 0, 1, 3]);
  return graph.reshape(byTap, [taps, channels, outChannels]);
}

/**
 * Images that one convolution adds up: whole blocks of them, or fewer than a block. Fixed by shape, so that a run repeats
 * to the last bit; five other choices took a U-Net's step from 142 to 153 ms (AVX2, one core).
 */
function imagesOfAGroup({ batchSize, outHeight, outWidth }: Conv2DInfo, block: number): number {
  const pixels = outHeight * outWidth;
  const most = pixels >= 2048 ? 2 : pixels >= 512 ? 4 : block;
  if (most === block && batchSize % block === 0) return batchSize;
  let images = Math.min(batchSize, most, block - 1);
  while (batchSize % images !== 0) images--;
  return images;
}

/** The part as [channels, N, rows and columns that any tap touches]. */
function framedPlanes(forms: Forms, info: Conv2DInfo, part: Form): string {
  const { graph, blocked } = forms;
  const { batchSize, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  const channels = part.shape[3];
  let planes: string;
  if (channels === 1) planes = graph.reshape(forms.natural(part), [1, batchSize, inHeight, inWidth]);
  else if (channels < blocked.block) planes = graph.transpose(forms.natural(part), [3, 0, 1, 2]);
  else planes = graph.transpose(blocked.op("ReorderOutput", [forms.tensor(part)], { channels }), [1, 0, 2, 3]);
  const height = (outHeight - 1) * info.strideHeight + (filterHeight - 1) * info.dilationHeight + 1;
  const width = (outWidth - 1) * info.strideWidth + (filterWidth - 1) * info.dilationWidth + 1;
  const [bottom, right] = [height - inHeight - padInfo.top, width - inWidth - padInfo.left];
  const framed = graph.pad(planes, [0, 0, padInfo.top, padInfo.left], [0, 0, Math.max(0, bottom), Math.max(0, right)]);
  return bottom < 0 || right < 0 ? graph.slice(framed, [2, 3], [0, 0], [height, width]) : framed;
}
