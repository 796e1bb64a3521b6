import {
  openTensorFile,
  planWeights,
  readPlanned,
  requireComplete,
  type WeightSlot,
  type WeightTarget,
} from "../../io/index.js";
import type { NamedArray, ResNetShape } from "../../nn/index.js";
import { presets } from "./config.js";

/** ResNets of basic blocks that torchvision publishes, and the small one of the presets `small` and `quick`. */
export const backboneShapes: Readonly<Record<"resnet34" | "resnet18" | "small", ResNetShape>> = {
  resnet34: presets.paper.model,
  resnet18: { blocks: [2, 2, 2, 2], widths: [64, 128, 256, 512] },
  small: presets.small.model,
};

/**
 * What ASTRA's encoder takes from a torchvision ResNet: the same names behind `encoder.backbone.`, and the same layout.
 * @example astraBackbone(backboneShapes.resnet34).slots.length // 180
 * @see spec §3; torchvision, models/resnet.py
 */
export function astraBackbone({ blocks, widths }: ResNetShape): WeightTarget {
  const norm = (name: string, channels: number): [string, number[]][] =>
    ["weight", "bias", "running_mean", "running_var"].map((field) => [`${name}.${field}`, [channels]]);
  const stage = (at: number): [string, number[]][] =>
    Array.from({ length: blocks[at] }, (_, i): [string, number[]][] => {
      const [name, width] = [`layer${at + 1}.${i}`, widths[at]];
      const inputs = i > 0 ? width : widths[Math.max(0, at - 1)];
      const changes = i === 0 && (at > 0 || inputs !== width);
      return [
        [`${name}.conv1.weight`, [width, inputs, 3, 3]],
        ...norm(`${name}.bn1`, width),
        [`${name}.conv2.weight`, [width, width, 3, 3]],
        ...norm(`${name}.bn2`, width),
        ...(changes
          ? ([[`${name}.downsample.0.weight`, [width, inputs, 1, 1]], ...norm(`${name}.downsample.1`, width)] as [
              string,
              number[],
            ][])
          : []),
      ];
    }).flat();
  const all: [string, number[]][] = [
    ["conv1.weight", [widths[0], 3, 7, 7]],
    ...norm("bn1", widths[0]),
    ...[0, 1, 2, 3].flatMap(stage),
  ];
  return {
    name: `a ResNet of ${blocks.join("+")} blocks`,
    slots: all.map(([from, shape]): WeightSlot => ({ from, to: `encoder.backbone.${from}`, shape })),
    unneeded: [
      { pattern: /^fc\.(weight|bias)$/, reason: "the classifier of ImageNet's 1000 classes" },
      { pattern: /\.num_batches_tracked$/, reason: "a counter that only PyTorch's cumulative average uses" },
    ],
  };
}

/**
 * The weights a backbone starts from, out of any file that holds them: torchvision's `.pth` as it is published, a
 * checkpoint, or what `folio weights convert --for astra` wrote.
 * @returns under torchvision's names, as `trainAstra` takes them
 * @throws BadFile when a tensor is missing or of another shape
 */
export async function readBackbone(path: string, shape: ResNetShape): Promise<ReadonlyMap<string, NamedArray>> {
  const target = astraBackbone(shape);
  const file = await openTensorFile(path);
  const plan = planWeights(file.tensors, target);
  requireComplete(plan, target, path);
  const arrays = await readPlanned(file, plan);
  return new Map([...arrays].map(([name, array]) => [name.slice("encoder.backbone.".length), array]));
}
