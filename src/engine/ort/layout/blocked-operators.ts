import type { backend_util } from "@tensorflow/tfjs";
import type { Graph } from "../graph.js";
import type { OnnxAttribute } from "../onnx/model.js";
import type { ChannelVector } from "./form.js";

type Conv2DInfo = backend_util.Conv2DInfo;

interface ConvolutionOptions {
  readonly bias?: string;
  /** A blocked tensor that the result is added to. */
  readonly addTo?: string;
  readonly relu?: boolean;
}

/** Pixels that one running sum covers at most: in single precision longer ones lose digits, and threads share the parts. */
const pixelsOfASum = 1024;

/**
 * The operators of ONNX Runtime's internal domain `com.microsoft.nchwc`. Images of nominal shape [N, C, H, W] lie in
 * memory as [N, C/B, H, W, B], so that a vector register holds B channels of a pixel; filters as [O/B, I/B, h, w, B of I,
 * B of O], or [O/B, I, h, w, B] under fewer than B input channels, which are then read as plain NCHW.
 * Undocumented: the rules follow onnxruntime 1.30 `contrib_ops/cpu/nchwc_ops.cc`; `block-size.ts` tries them at start.
 */
export class BlockedOperators {
  constructor(
    readonly graph: Graph,
    /** B: 8 with AVX2, 16 with AVX-512. */
    readonly block: number,
  ) {}

  op(type: string, inputs: readonly (string | undefined)[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    const last = inputs.findLastIndex((input) => input !== undefined);
    return this.graph.op(type, inputs.slice(0, last + 1), attributes, "com.microsoft.nchwc");
  }

  fills(channels: number): boolean {
    return channels % this.block === 0;
  }

  /** NHWC → blocked. */
  fromNatural(name: string, [batch, height, width, channels]: readonly number[]): string {
    if (channels === this.block) return this.graph.reshape(name, [batch, channels, height, width]);
    return this.op("ReorderInput", [name], { channels_last: 1 });
  }

  /** Blocked → NHWC. */
  toNatural(tensor: string, shape: readonly number[]): string {
    if (shape[3] === this.block) return this.graph.reshape(tensor, shape);
    return this.op("ReorderOutput", [tensor], { channels: shape[3], channels_last: 1 });
  }

  convolve(
    x: string,
    filter: string,
    attributes: Readonly<Record<string, OnnxAttribute>>,
    { bias, addTo, relu }: ConvolutionOptions = {},
  ): string {
    return this.op("Conv", [x, filter, bias, addTo], relu ? { ...attributes, activation: "Relu" } : attributes);
  }

  /** gain·tensor + shift + addTo in one pass: a depthwise convolution of one tap. */
  scaleAndShift(
    tensor: string,
    channels: number,
    { gain, shift, addTo, relu }: { gain?: ChannelVector; shift?: ChannelVector; addTo?: string; relu?: boolean },
  ): string {
    const filter = this.graph.reshape(this.perChannel(gain, channels), [channels, 1, 1, 1]);
    const bias = shift === undefined ? undefined : this.perChannel(shift, channels);
    return this.convolve(tensor, filter, { kernel_shape: [1, 1], group: channels }, { bias, addTo, relu });
  }

  /** A vector written out as [channels]; ones when there is none. */
  perChannel(vector: ChannelVector | undefined, channels: number): string {
    if (vector?.length === channels) return vector.name;
    return this.graph.op("Expand", [vector?.name ?? this.graph.scalar(1), this.graph.ints([channels])]);
  }

  /** Σ over images and pixels, [channels]. */
  sum(tensor: string, shape: readonly number[]): ChannelVector {
    const { name, pixels } = this.#partialSums(tensor, shape);
    const total = this.graph.reshape(this.graph.reduceSum(name, [0, 2], false), [shape[3]]);
    return { name: this.graph.mul(total, this.graph.scalar(pixels)), length: shape[3] };
  }

  /** Mean over pixels, [batch, channels]. */
  meanOfPixels(tensor: string, shape: readonly number[]): string {
    const { name } = this.#partialSums(tensor, shape);
    return this.graph.reshape(this.graph.op("ReduceMean", [name], { axes: [2], keepdims: 0 }), [shape[0], shape[3]]);
  }

  /** Means over parts of each image as [N, C/B, parts, B], and the number of pixels of a part. */
  #partialSums(tensor: string, [batch, height, width, channels]: readonly number[]): { name: string; pixels: number } {
    const rows = rowsOfAPart(height, width);
    const parts = height / rows;
    const means = this.op("GlobalAveragePool", [this.graph.reshape(tensor, [1, batch * channels * parts, rows, width])]);
    return { name: this.graph.reshape(means, [batch, channels / this.block, parts, this.block]), pixels: rows * width };
  }

  /** Σ x·y over images and pixels, [channels]: a depthwise convolution with y as the filters. */
  dot(x: string, y: string, [batch, height, width, channels]: readonly number[]): ChannelVector {
    const rows = rowsOfAPart(height, width);
    const parts = height / rows;
    const group = batch * channels * parts;
    const [image, filters] = x < y ? [x, y] : [y, x]; // one order, so that equal products are one node
    const products = this.convolve(
      this.graph.reshape(image, [1, group, rows, width]),
      this.graph.reshape(filters, [group, 1, rows, width]),
      { kernel_shape: [rows, width], group },
    );
    const byBlock = this.graph.reshape(products, [batch, channels / this.block, parts, this.block]);
    return { name: this.graph.reshape(this.graph.reduceSum(byBlock, [0, 2], false), [channels]), length: channels };
  }

  /** HWIO → blocked; of some input channels only if asked. */
  filter(name: string, [height, width, from, to]: readonly number[], first = 0, count = from): string {
    const { graph, block } = this;
    const taps = height * width;
    if (from < block) {
      const cut = graph.reshape(name, [taps, from, to / block, block]);
      return graph.reshape(graph.transpose(cut, [2, 1, 0, 3]), [to, from, height, width]);
    }
    const cut = graph.reshape(name, [taps, from / block, block, to / block, block]);
    const all = graph.transpose(cut, [3, 1, 0, 2, 4]); // [O/B, I/B, taps, B of I, B of O]
    if (count === from) return graph.reshape(all, [to, from, height, width]);
    const rows = graph.reshape(all, [to / block, from / block, taps * block * block]);
    return graph.reshape(graph.slice(rows, [1], [first / block], [(first + count) / block]), [to, count, height, width]);
  }

  /** The filter of dL/dx: turned by 180°, input and output channels exchanged; blocked. */
  turnedFilter(name: string, shape: readonly number[], first: number, count: number): string {
    const { graph, block } = this;
    const [height, width, , to] = shape;
    const taps = height * width;
    let turned = graph.reshape(this.filter(name, shape, first, count), [to / block, count / block, taps, block * block]);
    if (taps > 1) turned = graph.op("Gather", [turned, graph.ints(Array.from({ length: taps }, (_, tap) => taps - 1 - tap))], { axis: 2 });
    const blocks = graph.transpose(graph.reshape(turned, [(to * count * taps) / block ** 2, block, block]), [0, 2, 1]);
    const grid = graph.reshape(blocks, [to / block, count / block, taps * block * block]);
    return graph.reshape(to > block && count > block ? graph.transpose(grid, [1, 0, 2]) : grid, [count, to, height, width]);
  }

  /** Every pixel repeated, as often as `scale` says along height and width. */
  enlarge(tensor: string, [height, width]: readonly [number, number]): string {
    return this.op("Upsample", [tensor], { scales: [1, 1, height, width] });
  }
}

/** Window, steps and padding of a convolution as attributes. */
export function geometry(info: Conv2DInfo): Record<string, number[]> {
  const { top, left, bottom, right } = info.padInfo;
  return {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [top, left, bottom, right],
  };
}

function rowsOfAPart(height: number, width: number): number {
  let rows = height;
  while (rows > 1 && (rows * width > pixelsOfASum || height % rows !== 0)) rows--;
  return rows;
}
