import { lmLogits, trainableVariables } from "../../../nn/index.js";
import { textTensors, tokenTensor } from "../batch.js";
import { imageTokens } from "../config.js";
import { textLoss } from "../loss.js";
import { encodingOf, hiddenStates, languageModel } from "../model.js";
import { runStage } from "../optimise.js";
import type { Tensor2D, Tensor3D } from "../tensorflow.js";
import { encodeCaption, encodeRow } from "../text.js";
import { towerTable } from "../tower-table.js";
import type { PretrainOptions } from "./tower.js";

/**
 * Stand-in for LLaVA-Med: projector and language model learn captions, and questions with their answers. Zone and brightness words of the
 * answers count `wordWeight` times.
 * @returns the losses
 */
export async function pretrainLanguage({ runner, model, corpus, random, progress, signal }: PretrainOptions): Promise<number[]> {
  const { tf } = runner;
  const { config, weights, tokenizer } = model;
  const table = await towerTable(tf, model, corpus.scenes.map(({ pixels }) => pixels));
  const lm = languageModel(model, "without");
  const encoding = { ...encodingOf(config), answerEnd: "eos" as const };
  const stage = config.pretraining.language;
  return runStage<[Tensor3D, Tensor2D, Tensor2D]>(
    {
      runner, task: "pre-train the LLaVA-Med stand-in", ...stage, adam: { beta2: 0.98 }, progress, signal,
      variables: trainableVariables({ mm_projector: weights.vlm.mm_projector, language_model: weights.vlm.language_model }),
    },
    (step) => {
      const own = random.stream(step);
      const texts = Array.from({ length: stage.batch }, (_, i) => corpus.texts(own.stream(i)));
      const rows = texts.map(({ caption, asked }) => (asked ? encodeRow(tokenizer, asked.question, asked.answer, encoding) : encodeCaption(tokenizer, caption!, encoding)));
      const { ids, targetWeights, question } = textTensors(tf, rows);
      question.dispose();
      return [tokenTensor(tf, table, texts.map(({ scene }) => scene), imageTokens(config), config.clip.visionWidth), ids, targetWeights];
    },
    (picture, ids, targetWeights) => textLoss(tf, lmLogits(tf, hiddenStates(tf, picture, ids, model, lm), lm), ids, targetWeights),
  );
}
