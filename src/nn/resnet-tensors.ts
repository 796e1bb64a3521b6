import type { ResNetShape } from "./resnet.js";

/**
 * Every tensor of a ResNet of basic blocks without its classifier: torchvision's name and shape, in its order.
 * @example resNetTensors({ blocks: [2, 2, 2, 2], widths: [64, 128, 256, 512] }).length // 100
 * @see torchvision, models/resnet.py
 */
export function resNetTensors({ blocks, widths }: ResNetShape): (readonly [name: string, shape: readonly number[]])[] {
  const norm = (name: string, channels: number): [string, number[]][] => ["weight", "bias", "running_mean", "running_var"].map((field) => [`${name}.${field}`, [channels]]);
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
        ...(changes ? [[`${name}.downsample.0.weight`, [width, inputs, 1, 1]] as [string, number[]], ...norm(`${name}.downsample.1`, width)] : []),
      ];
    }).flat();
  return [["conv1.weight", [widths[0], 3, 7, 7]], ...norm("bn1", widths[0]), ...[0, 1, 2, 3].flatMap(stage)];
}
