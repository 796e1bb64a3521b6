import type { TensorFlow } from "../../engine.js";
import { convolutionInfo, type Conv2DInfo, type ConvAttrs } from "../lowering/convolution.js";
import { productForm } from "../lowering/dense-convolution.js";
import { geometry, type BlockedOperators } from "./blocked-operators.js";
import { blockedFilterGradient, canSwapRoles } from "./filter-gradient.js";
import { blocked, isImage, natural, type Form } from "./form.js";
import type { Forms } from "./forms.js";
import { layoutRule, type LayoutRules } from "./layout-rule.js";

type FilterAttrs = ConvAttrs & { readonly filterShape: number[] };
type InputAttrs = ConvAttrs & { readonly inputShape: number[] };

/** Convolutions and their gradients between blocked images; here images enter the blocked layout. */
export function convolutionRules(tf: TensorFlow): LayoutRules {
  return {
    Conv2D: layoutRule<ConvAttrs>(({ forms, attrs }, [x, filter]) =>
      forward(forms, convolutionInfo(tf, x!.shape, filter!.shape, attrs), x!, filter!),
    ),
    FusedConv2D: layoutRule<ConvAttrs>(({ forms, attrs }, [x, filter, bias]) => {
      const relu = attrs.activation === "relu";
      if (attrs.activation && attrs.activation !== "linear" && !relu) return undefined;
      const shift = bias && forms.vectorOf(bias, filter!.shape[3]);
      if (bias && !shift) return undefined;
      const options = { bias: shift && forms.blocked.perChannel(shift, filter!.shape[3]), relu };
      return forward(forms, convolutionInfo(tf, x!.shape, filter!.shape, attrs), x!, filter!, options);
    }),
    Conv2DBackpropInput: layoutRule<InputAttrs>(({ forms, attrs }, [dy, filter]) => {
      const info = convolutionInfo(tf, attrs.inputShape, filter!.shape, attrs);
      if (!isBlockable(forms.blocked, info) || !forms.blocked.fills(info.inChannels)) return undefined;
      if (isPointwise(info) && (!isImage(dy) || isStrided(info))) return undefined;
      if (!isPointwise(info) && productForm(forms.graph, info) !== undefined) return undefined;
      if (tiles(info) && !isPointwise(info)) return [spreadTiles(forms, info, dy!, filter!)];
      if (reachesTooFar(info)) return undefined;
      return [{ kind: "input-gradient", dy: forms.tensor(dy!), filter: forms.natural(filter!), info, shape: info.inShape }];
    }),
    Conv2DBackpropFilter: layoutRule<FilterAttrs>(({ forms, attrs }, [x, dy]) => {
      const info = convolutionInfo(tf, x!.shape, attrs.filterShape, attrs);
      if (!isImage(x) && !isImage(dy)) return undefined;
      if (!isBlockable(forms.blocked, info) || productForm(forms.graph, info) !== undefined) return undefined;
      if (tiles(info) && forms.blocked.fills(info.inChannels)) return [tiledFilterGradient(forms, info, x!, dy!)];
      if (!canSwapRoles(forms.blocked, info)) return undefined;
      return [natural(blockedFilterGradient(forms, info, x!, dy!), attrs.filterShape)];
    }),
    DepthwiseConv2dNative: layoutRule<ConvAttrs>(({ forms, attrs, outputs: [{ shape }] }, [x, filter]) => {
      const info = convolutionInfo(tf, x!.shape, filter!.shape, attrs, true);
      if (!isDepthwise(forms.blocked, info)) return undefined;
      const taps = depthwiseTaps(forms, filter!, info);
      return [blocked(forms.blocked.convolve(forms.tensor(x!), taps, { ...geometry(info), group: info.inChannels }), shape)];
    }),
    DepthwiseConv2dNativeBackpropInput: layoutRule<InputAttrs>(({ forms, attrs }, [dy, filter]) => {
      const info = convolutionInfo(tf, attrs.inputShape, filter!.shape, attrs, true);
      if (!isDepthwise(forms.blocked, info) || isStrided(info) || reachesTooFar(info)) return undefined;
      const { graph } = forms;
      const { filterHeight, filterWidth, inChannels, padInfo } = info;
      const [y, x] = [(filterHeight - 1) * info.dilationHeight, (filterWidth - 1) * info.dilationWidth];
      const [top, left] = [y - padInfo.top, x - padInfo.left];
      const [bottom, right] = [info.inHeight - (info.outHeight + top - y), info.inWidth - (info.outWidth + left - x)];
      if (bottom < 0 || right < 0) return undefined;
      const turned = graph.slice(forms.natural(filter!), [0, 1], [-1, -1], [-(2 ** 40), -(2 ** 40)], [-1, -1]);
      const taps = depthwiseTaps(forms, natural(turned, filter!.shape), info);
      const attributes = {
        kernel_shape: [filterHeight, filterWidth],
        pads: [top, left, bottom, right],
        dilations: [info.dilationHeight, info.dilationWidth],
        group: inChannels,
      };
      return [blocked(forms.blocked.convolve(forms.tensor(dy!), taps, attributes), info.inShape)];
    }),
    DepthwiseConv2dNativeBackpropFilter: layoutRule<FilterAttrs>(({ forms, attrs }, [x, dy]) => {
      const info = convolutionInfo(tf, x!.shape, attrs.filterShape, attrs, true);
      if (!isDepthwise(forms.blocked, info) || (!isImage(x) && !isImage(dy))) return undefined;
      return [natural(depthwiseFilterGradient(forms, info, x!, dy!), attrs.filterShape)];
    }),
  };
}

const isPointwise = ({ filterHeight, filterWidth }: Conv2DInfo): boolean => filterHeight === 1 && filterWidth === 1;
const isStrided = ({ strideHeight, strideWidth }: Conv2DInfo): boolean => strideHeight > 1 || strideWidth > 1;

/** Whether windows lie side by side and cover the image, as in transposed convolutions that double a map. */
const tiles = (info: Conv2DInfo): boolean =>
  info.filterHeight === info.strideHeight &&
  info.filterWidth === info.strideWidth &&
  info.inHeight === info.outHeight * info.strideHeight &&
  info.inWidth === info.outWidth * info.strideWidth;

/** More padding than a window reaches over: its gradient would need negative padding. */
const reachesTooFar = ({ padInfo, ...info }: Conv2DInfo): boolean =>
  padInfo.top > (info.filterHeight - 1) * info.dilationHeight || padInfo.left > (info.filterWidth - 1) * info.dilationWidth;

function isBlockable(operators: BlockedOperators, { inChannels, outChannels, dataFormat }: Conv2DInfo): boolean {
  return (
    dataFormat === "channelsLast" && operators.fills(outChannels) && (operators.fills(inChannels) || inChannels < operators.block)
  );
}

function isDepthwise(operators: BlockedOperators, { inChannels, outChannels, dataFormat }: Conv2DInfo): boolean {
  return dataFormat === "channelsLast" && inChannels === outChannels && operators.fills(inChannels);
}

function forward(
  forms: Forms,
  info: Conv2DInfo,
  x: Form,
  filter: Form,
  options: { bias?: string; relu?: boolean } = {},
): readonly Form[] | undefined {
  const { graph, blocked: operators } = forms;
  const { inChannels, outShape } = info;
  if (!isBlockable(operators, info)) return undefined;
  if (isPointwise(info) ? !isImage(x) || isStrided(info) : productForm(graph, info) !== undefined) return undefined;
  const weights = forms.natural(filter);
  if (inChannels < operators.block) {
    if (tiles(info)) return undefined; // cutting an image into patches is a product
    const plain = forms.natural(x);
    const planes =
      inChannels === 1 ? graph.reshape(plain, [info.batchSize, 1, info.inHeight, info.inWidth]) : graph.transpose(plain, [0, 3, 1, 2]);
    return [blocked(operators.convolve(planes, operators.filter(weights, filter.shape), geometry(info), options), outShape)];
  }
  const parts: readonly Form[] = x.kind === "joined" ? x.parts : [x];
  let sum: string | undefined;
  let first = 0;
  for (const [i, part] of parts.entries()) {
    const count = part.shape[3];
    const taps = operators.filter(weights, filter.shape, first, count);
    const last = i === parts.length - 1;
    sum = operators.convolve(forms.tensor(part), taps, geometry(info), { addTo: sum, ...(last && options) });
    first += count;
  }
  return [blocked(sum!, outShape)];
}

/** dL/dx by tiles: every pixel of dy becomes a tile by a product over channels, then the tiles are put in their places. */
function spreadTiles(forms: Forms, info: Conv2DInfo, dy: Form, filter: Form): Form {
  const { graph, blocked: operators } = forms;
  const { batchSize, inChannels, outChannels, outHeight, outWidth, strideHeight, strideWidth } = info;
  const { block } = operators;
  const taps = strideHeight * strideWidth;
  const rows = graph.reshape(forms.natural(filter), [(taps * inChannels) / block, block, outChannels]);
  const products = graph.reshape(graph.transpose(rows, [0, 2, 1]), [taps * inChannels, outChannels, 1, 1]); // [taps·I/B, O, B of I]
  const cells = operators.convolve(forms.tensor(dy), products, { kernel_shape: [1, 1] });
  const grid = graph.reshape(cells, [batchSize, strideHeight, strideWidth, inChannels / block, outHeight, outWidth, block]);
  const placed = graph.transpose(grid, [0, 3, 4, 1, 5, 2, 6]);
  return blocked(graph.reshape(placed, [batchSize, inChannels, info.inHeight, info.inWidth]), info.inShape);
}

/** dL/dfilter by tiles: one product over all pixels of dy. */
function tiledFilterGradient(forms: Forms, info: Conv2DInfo, x: Form, dy: Form): Form {
  const { graph, blocked: operators } = forms;
  const { batchSize, inChannels, outChannels, outHeight, outWidth, strideHeight, strideWidth } = info;
  const { block } = operators;
  const pixels = batchSize * outHeight * outWidth;
  const grid = graph.reshape(forms.tensor(x), [batchSize, inChannels / block, outHeight, strideHeight, outWidth, strideWidth, block]);
  const tilesAsRows = graph.reshape(graph.transpose(grid, [0, 2, 4, 3, 5, 1, 6]), [pixels, strideHeight * strideWidth * inChannels]);
  const product = graph.op("Gemm", [tilesAsRows, graph.reshape(forms.natural(dy), [pixels, outChannels])], { transA: 1 });
  const shape = [strideHeight, strideWidth, inChannels, outChannels];
  return natural(graph.reshape(product, shape), shape);
}

/** [h, w, C, 1] → blocked [C, 1, h, w]. */
function depthwiseTaps(forms: Forms, filter: Form, { filterHeight, filterWidth, inChannels }: Conv2DInfo): string {
  const { graph, blocked: operators } = forms;
  const { block } = operators;
  const rows = graph.reshape(forms.natural(filter), [filterHeight * filterWidth, inChannels / block, block]);
  return graph.reshape(graph.transpose(rows, [1, 0, 2]), [inChannels, 1, filterHeight, filterWidth]);
}

/** dL/dfilter of a depthwise convolution: for every image and channel, dy slides over x. */
function depthwiseFilterGradient(forms: Forms, info: Conv2DInfo, x: Form, dy: Form): string {
  const { graph, blocked: operators } = forms;
  const { batchSize, inChannels, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  const height = (outHeight - 1) * info.strideHeight + (filterHeight - 1) * info.dilationHeight + 1; // rows that any tap touches
  const width = (outWidth - 1) * info.strideWidth + (filterWidth - 1) * info.dilationWidth + 1;
  const { block } = operators;
  const planes = graph.reshape(forms.tensor(x), [(batchSize * inChannels) / block, info.inHeight, info.inWidth, block]);
  const [bottom, right] = [height - info.inHeight - padInfo.top, width - info.inWidth - padInfo.left];
  const framed = graph.pad(planes, [0, padInfo.top, padInfo.left, 0], [0, Math.max(0, bottom), Math.max(0, right), 0]);
  const touched = bottom < 0 || right < 0 ? graph.slice(framed, [1, 2], [0, 0], [height, width]) : framed;
  const group = batchSize * inChannels;
  const taps = operators.convolve(
    graph.reshape(touched, [1, group, height, width]),
    graph.reshape(forms.tensor(dy), [group, 1, outHeight, outWidth]),
    {
      kernel_shape: [outHeight, outWidth],
      strides: [info.dilationHeight, info.dilationWidth],
      dilations: [info.strideHeight, info.strideWidth],
      group,
    },
  ); // [N, C/B, h, w, B]
  const perBlock = graph.reshape(taps, [batchSize, inChannels / block, filterHeight * filterWidth, block]);
  const sums = graph.transpose(graph.reduceSum(perBlock, [0], false), [1, 0, 2]);
  return graph.reshape(sums, [filterHeight, filterWidth, inChannels, 1]);
}

