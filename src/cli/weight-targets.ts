import type { WeightTarget } from "../io/index.js";

/** What a method takes from published files. */
export interface MethodWeights {
  /** Each architecture that `--architecture` may name and what it is; the first one is taken unless another is named. */
  readonly architectures: Readonly<Record<string, string>>;
  /** Loads the method only when it is asked for. */
  target(architecture: string): Promise<WeightTarget>;
}

/** `folio weights convert --for METHOD`: one entry a method. */
export const methodWeights: Readonly<Record<string, MethodWeights>> = {
  astra: {
    architectures: {
      resnet34: "torchvision's ResNet-34",
      resnet18: "torchvision's ResNet-18",
      small: "the encoder of the presets small and quick",
    },
    target: async (architecture) => {
      const { astraBackbone, backboneShapes } = await import("../methods/astra/index.js");
      return astraBackbone(backboneShapes[architecture as keyof typeof backboneShapes]);
    },
  },
};
