import {
  openTensorFile,
  planWeights,
  readPlanned,
  requireComplete,
  type WeightSlot,
  type WeightTarget,
} from "../../io/index.js";
import { resNetTensors, type NamedArray, type ResNetShape } from "../../nn/index.js";
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
  return {
    name: `a ResNet of ${blocks.join("+")} blocks`,
    slots: resNetTensors({ blocks, widths }).map(([from, shape]): WeightSlot => ({ from, to: `encoder.backbone.${from}`, shape })),
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
