import { BadFile } from "../core/index.js";
import type { WeightSlot, WeightTarget } from "./weight-plan.js";

/** PyTorch's ε, which every architecture here keeps. */
const eps = 1e-5;

/**
 * The same target with every batch norm folded into the convolution before it: w′ = w·γ/σ, b′ = (b − μ)·γ/σ + β with the running
 * statistics μ, σ² = variance + ε. Convolutions that had no bias get one, and the norms are gone, so the result is a network for inference only.
 *
 * A norm is recognised by its running variance, and its convolution by the names that PyTorch's networks use: the module before it in a
 * sequence, `conv1` for `bn1`, `encoder1` for `ebn1`, `c` for `bn`.
 *
 * @throws BadFile `unsupported` naming a norm whose convolution is not found
 * @see torch.nn.utils.fusion.fuse_conv_bn_weights
 */
export function foldBatchNorms(target: WeightTarget): WeightTarget {
  const slots = new Map(target.slots.map((slot) => [slot.from, slot]));
  const norms = [...slots.keys()].filter((name) => name.endsWith(".running_var")).map((name) => name.slice(0, -".running_var".length));
  const folded = new Map<string, readonly WeightSlot[]>();
  const gone = new Set<string>();
  for (const norm of norms) {
    const before = convolutionsBefore(norm).find((name) => (slots.get(`${name}.weight`)?.shape.length ?? 0) > 2);
    if (before === undefined) throw new BadFile("unsupported", target.name, `has a batch norm ${norm} whose convolution is not known`, "Convert without folding.");
    folded.set(`${before}.weight`, fold(slots, before, norm));
    for (const part of ["weight", "bias", "running_mean", "running_var"]) gone.add(`${norm}.${part}`);
    gone.add(`${before}.bias`);
  }
  const counters = { pattern: /\.?num_batches_tracked$/, reason: "its norm is folded into the convolution before" };
  return {
    name: `${target.name}, batch norms folded`,
    slots: target.slots.filter(({ from }) => !gone.has(from)).flatMap((slot) => folded.get(slot.from) ?? [slot]),
    unneeded: [...target.unneeded, counters],
  };
}

/** Where the convolution in front of a norm may stand. */
function convolutionsBefore(norm: string): string[] {
  const at = norm.lastIndexOf(".") + 1;
  const [path, own] = [norm.slice(0, at), norm.slice(at)];
  if (/^\d+$/.test(own)) return [`${path}${Number(own) - 1}`];
  const named = /^([a-z]*?)(?:bn|norm|instnorm)(\d*)$/.exec(own);
  if (named === null) return [];
  const [, side, number] = named;
  return { "": [`conv${number}`, `c${number}`], e: [`encoder${number}`], d: [`decoder${number}`], inst: [`conv${number}`] }[side]?.map((name) => path + name) ?? [];
}

function fold(slots: ReadonlyMap<string, WeightSlot>, before: string, norm: string): WeightSlot[] {
  const conv = slots.get(`${before}.weight`)!;
  const [gamma, beta, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map((part) => slots.get(`${norm}.${part}`)!);
  const [channels] = gamma.shape;
  const axis = channelAxis(conv.shape, channels, before);
  const inner = conv.shape.slice(axis + 1).reduce((product, side) => product * side, 1);
  const how = `${norm} folded in`;
  const bias = slots.get(`${before}.bias`);
  const to = conv.to.replace(/weight$/, "bias");
  const shift: WeightSlot["becomes"] = { shape: [channels], how, convert: (b, g, m, v, own) => b.map((x, i) => x + ((own?.[i] ?? 0) - m[i]) * scaleOf(g[i], v[i])) };
  return [
    { ...conv, also: [gamma, variance], becomes: { shape: conv.becomes?.shape ?? conv.shape, how, convert: (w, g, v) => w.map((x, i) => x * scaleOf(g[Math.floor(i / inner) % channels], v[Math.floor(i / inner) % channels])) } },
    { ...beta, to, also: [gamma, mean, variance, ...(bias ? [bias] : [])], becomes: shift },
  ];
}

const scaleOf = (gamma: number, variance: number): number => gamma / Math.sqrt(variance + eps);

/** [out, in, …] of a convolution, [in, out, …] of a transposed one. */
function channelAxis(shape: readonly number[], channels: number, name: string): 0 | 1 {
  const transposed = shape[0] !== channels || (shape[1] === channels && /(^|\.)up/.test(name));
  return transposed ? 1 : 0;
}
