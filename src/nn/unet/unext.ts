import { gelu } from "../../engine/index.js";
import { batchNorm, planBatchNorm } from "../batch-norm.js";
import { biasedConv2d, planConv, zeros, type BiasedConvWeights } from "../biased-conv.js";
import { interpolate } from "../interpolate.js";
import { layerNorm, planLayerNorm, type LayerNormWeights } from "../layer-norm.js";
import { mapVectors } from "../mlp.js";
import { normal, parameter, truncatedNormal, type Weights } from "../plan.js";
import type { Rank, Tensor4D, TensorFlow } from "../tensorflow.js";
import type { Mode } from "./unet.js";

export interface UNeXtShape {
  readonly inputs: number;
  readonly classes: number;
  /** Channels of the three convolution stages. */
  readonly convolutions: readonly [number, number, number];
  /** Channels of the two token stages. */
  readonly tokens: readonly [number, number];
}

/** The original fixes three input channels whatever it is told; grey pictures are repeated. */
export const standardUNeXt: UNeXtShape = { inputs: 3, classes: 4, convolutions: [16, 32, 128], tokens: [160, 256] };
export const smallUNeXt: UNeXtShape = { inputs: 3, classes: 4, convolutions: [8, 16, 32], tokens: [64, 128] };

const layerNormEps = 1e-5;
/** Channels are shifted in five groups, by −2 … 2 pixels. */
const shifts = 5;

const planTokenLinear = (width: number) => ({ weight: parameter<Rank.R2>([width, width], truncatedNormal(0.02)), bias: parameter<Rank.R1>([width], zeros) });

const planBlock = (width: number) => ({
  norm2: planLayerNorm(width),
  mlp: {
    fc1: planTokenLinear(width),
    // [3, 3, 1, C]: PyTorch's [C, 1, 3, 3]. Its standard deviation is √(2/(k²·out/groups)).
    dwconv: { dwconv: { weight: parameter<Rank.R4>([3, 3, 1, width], normal(Math.sqrt(2 / 9))), bias: parameter<Rank.R1>([width], zeros) } },
    fc2: planTokenLinear(width),
  },
});

type BlockWeights = Weights<ReturnType<typeof planBlock>>;

const planPatchEmbed = (inputs: number, outputs: number) => ({ proj: planConv(3, inputs, outputs, normal(Math.sqrt(2 / (9 * outputs))), zeros), norm: planLayerNorm(outputs) });

/**
 * UNeXt: convolutions where maps are large, shifted MLPs on tokens where they are small. Property names are the original's weight names.
 *
 * @example plannedCount(planUNeXt(standardUNeXt)) // 1,471,972
 * @see Valanarasu & Patel, MICCAI 2022; github.com/jeya-maria-jose/UNeXt-pytorch (class UNext); ASMR-seg spec §3.1
 */
export function planUNeXt({ inputs, classes, convolutions: [c1, c2, c3], tokens: [t1, t2] }: UNeXtShape) {
  return {
    encoder1: planConv(3, inputs, c1), encoder2: planConv(3, c1, c2), encoder3: planConv(3, c2, c3),
    ebn1: planBatchNorm(c1), ebn2: planBatchNorm(c2), ebn3: planBatchNorm(c3),
    norm3: planLayerNorm(t1), norm4: planLayerNorm(t2), dnorm3: planLayerNorm(t1), dnorm4: planLayerNorm(c3),
    block1: [planBlock(t1)], block2: [planBlock(t2)], dblock1: [planBlock(t1)], dblock2: [planBlock(c3)],
    patch_embed3: planPatchEmbed(c3, t1), patch_embed4: planPatchEmbed(t1, t2),
    decoder1: planConv(3, t2, t1), decoder2: planConv(3, t1, c3), decoder3: planConv(3, c3, c2), decoder4: planConv(3, c2, c1), decoder5: planConv(3, c1, c1),
    dbn1: planBatchNorm(t1), dbn2: planBatchNorm(c3), dbn3: planBatchNorm(c2), dbn4: planBatchNorm(c1),
    final: planConv(1, c1, classes),
  };
}

export type UNeXtWeights = Weights<ReturnType<typeof planUNeXt>>;

/**
 * Logits of every pixel.
 * @param x [N, H, W, inputs], sides multiples of 32
 * @returns [N, H, W, classes]
 */
export function unext(tf: TensorFlow, x: Tensor4D, w: UNeXtWeights, mode: Mode): Tensor4D {
  const down = (y: Tensor4D, conv: BiasedConvWeights, bn: UNeXtWeights["ebn1"]): Tensor4D =>
    tf.maxPool(batchNorm(tf, biasedConv2d(tf, y, conv, { padding: "same" }), bn, { mode }), 2, 2, "valid").relu<Tensor4D>();
  const up = (y: Tensor4D, conv: BiasedConvWeights, bn: UNeXtWeights["ebn1"] | undefined): Tensor4D => {
    const mapped = biasedConv2d(tf, y, conv, { padding: "same" });
    const normal = bn === undefined ? mapped : batchNorm(tf, mapped, bn, { mode });
    return interpolate(tf, normal, 2 * y.shape[1], 2 * y.shape[2], "bilinear").relu<Tensor4D>();
  };
  const one = down(x, w.encoder1, w.ebn1); // [N, H/2, W/2, c1]
  const two = down(one, w.encoder2, w.ebn2); // [N, H/4, W/4, c2]
  const three = down(two, w.encoder3, w.ebn3); // [N, H/8, W/8, c3]
  const four = tokenStage(tf, patchEmbed(tf, three, w.patch_embed3), w.block1[0], w.norm3); // [N, H/16, W/16, t1]
  const five = tokenStage(tf, patchEmbed(tf, four, w.patch_embed4), w.block2[0], w.norm4); // [N, H/32, W/32, t2]
  const rise4 = tokenStage(tf, up(five, w.decoder1, w.dbn1).add(four), w.dblock1[0], w.dnorm3);
  const rise3 = tokenStage(tf, up(rise4, w.decoder2, w.dbn2).add(three), w.dblock2[0], w.dnorm4);
  const rise2 = up(rise3, w.decoder3, w.dbn3).add<Tensor4D>(two);
  const rise1 = up(rise2, w.decoder4, w.dbn4).add<Tensor4D>(one);
  return biasedConv2d(tf, up(rise1, w.decoder5, undefined), w.final);
}

function patchEmbed(tf: TensorFlow, x: Tensor4D, { proj, norm }: UNeXtWeights["patch_embed3"]): Tensor4D {
  return layerNorm(tf, tf.conv2d(x, proj.weight as Tensor4D, 2, 1, "NHWC", 1, "floor").add<Tensor4D>(proj.bias), norm, layerNormEps);
}

function tokenStage(tf: TensorFlow, x: Tensor4D, block: BlockWeights, norm: LayerNormWeights): Tensor4D {
  return layerNorm(tf, shiftedBlock(tf, x, block), norm, layerNormEps);
}

/** x + MLP(norm(x)), where the MLP sees its neighbours because channels were shifted, along rows before it and along columns after. */
function shiftedBlock(tf: TensorFlow, x: Tensor4D, { norm2, mlp: { fc1, dwconv: { dwconv }, fc2 } }: BlockWeights): Tensor4D {
  const channels = x.shape[3];
  const first = mapVectors(tf, shifted(tf, layerNorm(tf, x, norm2, layerNormEps), 1), fc1);
  const depthwise = tf.depthwiseConv2d(first, dwconv.weight.reshape<Tensor4D>([3, 3, channels, 1]), 1, "same").add<Tensor4D>(dwconv.bias);
  return x.add(mapVectors(tf, shifted(tf, gelu(tf, depthwise), 2), fc2));
}

/** Group n of the channels moves by n − 2 pixels along an axis; zeros come in. */
function shifted(tf: TensorFlow, x: Tensor4D, axis: 1 | 2): Tensor4D {
  const [n, height, width, channels] = x.shape;
  const size = Math.ceil(channels / shifts);
  const parts: Tensor4D[] = [];
  for (let at = 0, group = 0; at < channels; at += size, group++) {
    const by = group - Math.floor(shifts / 2);
    const part = tf.slice(x, [0, 0, 0, at], [n, height, width, Math.min(size, channels - at)]);
    parts.push(moved(tf, part, by, axis));
  }
  return tf.concat(parts, 3);
}

function moved(tf: TensorFlow, x: Tensor4D, by: number, axis: 1 | 2): Tensor4D {
  if (by === 0) return x;
  const frame = [0, 1, 2, 3].map((each): [number, number] => (each === axis ? [Math.max(0, by), Math.max(0, -by)] : [0, 0]));
  const begin = [0, 0, 0, 0];
  begin[axis] = Math.max(0, -by);
  return tf.slice(tf.pad(x, frame as [[number, number], [number, number], [number, number], [number, number]]), begin, x.shape);
}
