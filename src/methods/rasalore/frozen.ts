import { join } from "node:path";
import { BadFile, packageRoot, seededRandom } from "../../core/index.js";
import { writeSafetensors } from "../../io/index.js";
import {
  assignArrays, disposeWeights, materialise, namedVariables, planTextTower, planUNet, planVisionTower, readArrays, readCheckpoint, wordTokenizer,
  type ClipConfig, type NamedArray, type TextTowerWeights, type Tokenizer, type UNetWeights, type VisionTowerWeights, type Weights,
} from "../../nn/index.js";
import { smallClip } from "./config.js";
import { captionWords } from "./textures.js";
import type { TensorFlow } from "./tensorflow.js";

/** A CLIP that stage 1 puts its prompts on and never changes. */
export interface FrozenClip {
  readonly config: ClipConfig;
  readonly visual: VisionTowerWeights;
  readonly text: TextTowerWeights;
  readonly tokenizer: Tokenizer;
  /** Names it in records: `stand-in`, or the file it came from. */
  readonly source: string;
}

/** Both frozen networks of the small version. */
export interface StandIns {
  readonly clip: FrozenClip;
  readonly segmenter: UNetWeights;
}

/** Image and box in, mask out: 8, 16 and 32 channels. */
export const segmenterShape = { inputs: 2, classes: 1, widths: [8, 16, 32], upsampling: "transposed" } as const;

export const planStandIns = () => ({
  visual: planVisionTower(standInClip),
  text: planTextTower(standInClip),
  segmenter: planUNet(segmenterShape),
});

export type StandInWeights = Weights<ReturnType<typeof planStandIns>>;

const tokenizer = wordTokenizer(captionWords);
/** {@link smallClip} with as many words as the captions have. */
export const standInClip: ClipConfig = { ...smallClip, vocabulary: tokenizer.size };

/** The stand-ins that come with Folio; `folio train rasalore-stand-ins` makes them anew. */
export const shippedStandIns: string = join(packageRoot, "data", "stand-ins", "rasalore.safetensors");

export function standInsOf(weights: StandInWeights): StandIns {
  return { clip: { config: standInClip, visual: weights.visual, text: weights.text, tokenizer, source: "stand-in" }, segmenter: weights.segmenter as unknown as UNetWeights };
}

export function initStandIns(tf: TensorFlow, seed: number): StandInWeights {
  return materialise(tf, planStandIns(), seededRandom(seed).stream("stand-ins"));
}

/** @throws BadFile when the file is not there or is of another make */
export async function loadStandIns(tf: TensorFlow, path: string = shippedStandIns): Promise<StandIns> {
  const { arrays, metadata } = await readCheckpoint(path);
  if (metadata.make !== "folio.rasalore-stand-ins/1") throw new BadFile("bad-header", path, "does not hold the stand-ins of CLIP and MedSAM", "Make them: folio train rasalore-stand-ins --out FILE");
  const weights = initStandIns(tf, 1);
  try {
    assignArrays(tf, namedVariables(weights), arrays, path);
  } catch (error) {
    disposeWeights(weights);
    throw error;
  }
  return standInsOf(weights);
}

/** Writes them with half the bits, enough for networks that are only read from. */
export async function saveStandIns(path: string, weights: StandInWeights, facts: Readonly<Record<string, string>>): Promise<void> {
  const arrays = await readArrays(namedVariables(weights));
  const halves = new Map([...arrays].map(([name, array]: [string, NamedArray]) => [name, { ...array, dtype: "float16" as const }]));
  await writeSafetensors(path, halves, { format: "pt", make: "folio.rasalore-stand-ins/1", ...facts });
}

export function disposeStandIns({ clip, segmenter }: StandIns): void {
  for (const weights of [clip.visual, clip.text, segmenter]) disposeWeights(weights);
}
