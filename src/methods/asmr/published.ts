import { openTensorFile, planWeights, readPlanned, requireComplete, type WeightSlot, type WeightTarget } from "../../io/index.js";
import { namedParameters, planUNet, planUNetPlusPlus, planUNeXt, resNetTensors, smallUNeXt, standardUNet, standardUNetPlusPlus, standardUNeXt, type NamedArray, type ResNetShape } from "../../nn/index.js";
import { actionCount, presets, type AsmrConfig } from "./config.js";
import { planHead, resnet18 } from "./policy.js";
import { planNetwork } from "./segmenter.js";

/** Published files that have a place here. */
export const publishedArchitectures = ["unet", "unet-bilinear", "unetpp", "unetpp-batch", "unext", "unext-small", "policy", "resnet18"] as const;
export type PublishedArchitecture = (typeof publishedArchitectures)[number];

/**
 * Which of a published file's tensors go where. Segmentation networks and the policy keep the names of their repositories; the policy's ResNet, a
 * sequence there, has torchvision's names here.
 * @see ASMR-seg spec §3.3
 */
export function publishedTarget(architecture: PublishedArchitecture): WeightTarget {
  if (architecture === "policy") return policyTarget(presets.paper);
  if (architecture === "resnet18") return backboneTarget();
  const plans: Record<Exclude<PublishedArchitecture, "policy" | "resnet18">, () => object> = {
    unet: () => planUNet(standardUNet),
    "unet-bilinear": () => planUNet({ ...standardUNet, upsampling: "bilinear" }),
    unetpp: () => planUNetPlusPlus(standardUNetPlusPlus),
    "unetpp-batch": () => planUNetPlusPlus({ ...standardUNetPlusPlus, norm: "batch" }),
    unext: () => planUNeXt(standardUNeXt),
    "unext-small": () => planUNeXt(smallUNeXt),
  };
  return networkTarget(architecture, plans[architecture]());
}

/** A segmentation network under the names of its repository. */
export const networkTarget = (name: string, plan: object): WeightTarget => ({ name, slots: slotsOf(plan), unneeded });

const unneeded: WeightTarget["unneeded"] = [
  { pattern: /\.?num_batches_tracked$/, reason: "a counter that only PyTorch's cumulative average uses" },
  { pattern: /^mask_values$/, reason: "which grey level of the training masks was which class" },
];

const slotsOf = (plan: object, to = ""): WeightSlot[] => namedParameters(plan).map(({ name, parameter }) => ({ from: name, to: to + name, shape: torchOrder(parameter.shape) }));

/** Convolutions are [k, k, in, out] here and [out, in, k, k] in PyTorch. */
const torchOrder = (shape: readonly number[]): readonly number[] => (shape.length === 4 ? [3, 2, 0, 1].map((axis) => shape[axis]) : shape);

/** torchvision's `layer1.0.conv1.weight` as the repository's `nn.Sequential` of the same modules counts it: `4.0.conv1.weight`. */
export function inSequence(name: string): string {
  const [first, ...rest] = name.split(".");
  const at: Readonly<Record<string, number>> = { conv1: 0, bn1: 1, layer1: 4, layer2: 5, layer3: 6, layer4: 7 };
  return [at[first], ...rest].join(".");
}

/** Actor and critic with a ResNet-18 each, for the columns of a configuration. */
export function policyTarget(config: Pick<AsmrConfig, "data" | "policy">, shape: ResNetShape = resnet18): WeightTarget {
  const heads = [["pi.logits_net.", actionCount(config.data)], ["v.", 1]] as const;
  const slots = heads.flatMap(([prefix, outputs]) => [
    ...slotsOf(planHead(config, outputs, shape)).map(({ from, to, shape }) => ({ from: prefix + from, to: prefix + to, shape })),
    ...resNetTensors(shape).map(([name, shape]) => ({ from: `${prefix}backbone.${inSequence(name)}`, to: `${prefix}backbone.${name}`, shape })),
  ]);
  return { name: "ASMR's actor and critic", slots, unneeded };
}

/** An ImageNet ResNet-18 in both places at once. */
function backboneTarget(): WeightTarget {
  const slots = ["pi.logits_net.", "v."].flatMap((prefix) => resNetTensors(resnet18).map(([name, shape]) => ({ from: name, to: `${prefix}backbone.${name}`, shape })));
  return { name: "a ResNet-18", slots, unneeded: [...unneeded, { pattern: /^fc\.(weight|bias)$/, reason: "the classifier of ImageNet's 1000 classes" }] };
}

/**
 * A segmentation network out of a published file, or of what `folio weights convert --for asmr` wrote: under the names of {@link planNetwork}.
 * @throws BadFile when a tensor is missing or of another shape than the configuration's network has
 */
export async function readNetwork(path: string, config: AsmrConfig["rewardModel"]): Promise<ReadonlyMap<string, NamedArray>> {
  return readTarget(path, { name: `the reward model's ${config.network}`, slots: slotsOf(planNetwork(config), "net."), unneeded });
}

/** A ResNet-18 for both of the policy's networks, under the names of its weights. @throws BadFile */
export async function readBackbones(path: string): Promise<ReadonlyMap<string, NamedArray>> {
  return readTarget(path, backboneTarget());
}

/** Actor and critic as the repository publishes them. @throws BadFile */
export async function readPolicy(path: string, config: Pick<AsmrConfig, "data" | "policy">): Promise<ReadonlyMap<string, NamedArray>> {
  return readTarget(path, policyTarget(config));
}

async function readTarget(path: string, target: WeightTarget): Promise<ReadonlyMap<string, NamedArray>> {
  const file = await openTensorFile(path);
  const plan = planWeights(file.tensors, target);
  requireComplete(plan, target, path);
  return readPlanned(file, plan);
}
