import type { Progress, Random } from "../../../core/index.js";
import { constant, disposeWeights, mapVectors, materialise, parameter, planLinear, trainableVariables, type Runner } from "../../../nn/index.js";
import { pixelTensor, rowTensor } from "../batch.js";
import { multiLabelLoss } from "../loss.js";
import { towerTokens, type PrsMedModel } from "../model.js";
import { runStage } from "../optimise.js";
import type { Rank, Tensor2D, Tensor4D } from "../tensorflow.js";
import { captionLabels, type Corpus } from "./corpus.js";

export interface PretrainOptions {
  readonly runner: Runner;
  readonly model: PrsMedModel;
  readonly corpus: Corpus;
  readonly random: Random;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Stand-in for CLIP: every patch token votes for what a caption would say, and the strongest vote counts. (With the mean instead of the
 * maximum a direct probe of the zone reaches .55 instead of .97, spec §9.) The head is thrown away.
 * @returns the losses
 */
export async function pretrainTower({ runner, model, corpus, random, progress, signal }: PretrainOptions): Promise<number[]> {
  const { tf } = runner;
  const { config, weights } = model;
  const labels = corpus.scenes.map(captionLabels);
  const head = materialise(tf, { ...planLinear(config.clip.visionWidth, labels[0].length), bias: parameter<Rank.R1>([labels[0].length], constant(-2)) }, random.stream("head"));
  const tower = weights.vlm.vision_tower;
  // The last block and what stands behind it are not in use: LLaVA reads the block before.
  const used = { conv1: tower.conv1, class_embedding: tower.class_embedding, positional_embedding: tower.positional_embedding, ln_pre: tower.ln_pre, resblocks: tower.transformer.resblocks.slice(0, -1) };
  const stage = config.pretraining.tower;
  try {
    return await runStage<[Tensor4D, Tensor2D]>(
      { runner, task: "pre-train the CLIP stand-in", ...stage, variables: trainableVariables({ used, head }), progress, signal },
      (step) => {
        const own = random.stream(step);
        const chosen = Array.from({ length: stage.batch }, () => own.integer(corpus.scenes.length));
        return [pixelTensor(tf, chosen.map((at) => corpus.scenes[at].pixels), config.imageSize), rowTensor(tf, chosen.map((at) => labels[at]))];
      },
      (pixels, targets) => multiLabelLoss(mapVectors(tf, towerTokens(tf, pixels, weights.vlm, config), head).max<Tensor2D>(1), targets),
    );
  } finally {
    disposeWeights(head);
  }
}
