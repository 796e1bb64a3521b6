import type { WeightSlot, WeightTarget } from "../../io/index.js";
import { clipVitB32, namedParameters, planTextTower, planVisionTower, torchShape } from "../../nn/index.js";
import { publishedNetwork } from "./config.js";
import { planNetwork } from "./network.js";

/** What a published file may be; `folio weights convert --help` says what each is. */
export type RasaloreArchitecture = "encoder" | "decoder" | "clip-vit-b32";

/**
 * What RASALoRE takes from a published file: the two files of its own `Experiments/…/Fold_0`, or OpenAI's `ViT-B-32.pt`, a
 * TorchScript archive whose code is not run.
 * @see RASALoRE spec §3.1, §3.5
 */
export function rasaloreTarget(architecture: RasaloreArchitecture): WeightTarget {
  if (architecture === "clip-vit-b32") {
    return {
      name: "CLIP ViT-B/32",
      slots: [...slots(planVisionTower(clipVitB32), "visual.", "visual."), ...slots(planTextTower(clipVitB32), "", "text.")],
      unneeded: [{ pattern: /^(input_resolution|context_length|vocab_size)$/, reason: "a size, which the architecture says too" }],
    };
  }
  const plan = planNetwork(publishedNetwork);
  return {
    name: `RASALoRE's ${architecture}`,
    slots: slots(plan[architecture], "", `${architecture}.`),
    unneeded: [{ pattern: /\.num_batches_tracked$/, reason: "counts batches; the running statistics need no count" }],
  };
}

const slots = (plan: object, theirs: string, ours: string): WeightSlot[] =>
  namedParameters(plan).map(({ name, parameter: { shape } }) => ({ from: theirs + name, to: ours + name, shape: torchShape(shape) }));
