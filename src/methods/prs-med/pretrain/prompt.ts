import { disposeWeights, mapVectors, materialise, planLinear, trainableVariables } from "../../../nn/index.js";
import type { PrsRow } from "../../../datasets/index.js";
import { rowTensor, textTensors, tokenTensor } from "../batch.js";
import { imageTokens } from "../config.js";
import { multiLabelLoss } from "../loss.js";
import { promptTokens, type MaskHeadWeights } from "../mask-head.js";
import { encodingOf, hiddenStates, languageModel } from "../model.js";
import type { Pictured } from "../pictured-rows.js";
import { runStage } from "../optimise.js";
import type { Tensor2D, Tensor3D } from "../tensorflow.js";
import { concepts, conceptsOf, encodeRow } from "../text.js";
import type { PretrainOptions } from "./tower.js";

export interface PromptWarmupOptions extends Omit<PretrainOptions, "corpus"> {
  readonly rows: readonly PrsRow[];
  /** Tower tokens of rows, among others. */
  readonly pictured: (at: readonly number[]) => Promise<Pictured>;
}

/**
 * Not in the original: the keys and values of the mask head learn, from the question alone, which of seven things it names (bright, dark, top,
 * bottom, left, right, center). Without it the head stays on the plateau of marking both lesions (spec §9). The list is made by hand.
 * @returns the losses
 */
export async function warmUpPrompt({ runner, model, rows: asked, pictured, random, progress, signal }: PromptWarmupOptions): Promise<number[]> {
  const { tf } = runner;
  const { config, weights, tokenizer } = model;
  const { prompt_projection, prompt_norm } = weights.mask_decoder as MaskHeadWeights;
  const head = materialise(tf, planLinear(config.head.image, concepts.length), random.stream("head"));
  const stage = config.pretraining.prompt;
  const lm = languageModel(model, "without");
  const labels = asked.map(({ question }) => conceptsOf(question));
  const { hidden, marks, tokens } = await questionStates();
  try {
    return await runStage<[Tensor3D, Tensor2D, Tensor2D]>(
      { runner, task: "warm up the prompt projection", ...stage, variables: trainableVariables({ prompt_projection, prompt_norm, head }), progress, signal },
      (step) => {
        const own = random.stream(step);
        const chosen = Array.from({ length: stage.batch }, () => own.integer(asked.length));
        return [tokenTensor(tf, hidden, chosen, tokens, config.lm.width), rowTensor(tf, chosen.map((at) => marks[at])), rowTensor(tf, chosen.map((at) => labels[at]))];
      },
      (states, counts, targets) => {
        const read = promptTokens(tf, states, { prompt_projection, prompt_norm }); // [B, tokens, C]
        const mean = read.mul<Tensor3D>(counts.expandDims(2)).sum<Tensor2D>(1).div<Tensor2D>(counts.sum(1, true));
        return multiLabelLoss(mapVectors(tf, mean, head), targets);
      },
    );
  } finally {
    disposeWeights(head);
  }

  /** Hidden states of every question's own tokens, computed once: the language model does not change here. */
  async function questionStates(): Promise<{ hidden: Float32Array; marks: Float32Array[]; tokens: number }> {
    const rows = asked.map(({ question }) => encodeRow(tokenizer, question, undefined, encodingOf(config)));
    const places = rows.map(({ question }) => [...question.keys()].filter((place) => question[place] === 1));
    const tokens = Math.max(...places.map(({ length }) => length));
    const [width, each] = [config.lm.width, config.places * config.lm.width];
    const all = new Float32Array(rows.length * tokens * width);
    for (let from = 0; from < rows.length; from += stage.batch) {
      const at = Array.from({ length: stage.batch }, (_, i) => Math.min(from + i, rows.length - 1));
      const seen = (await pictured(at)).tokens;
      const states = tf.tidy(() => {
        const { ids } = textTensors(tf, at.map((row) => rows[row]));
        return hiddenStates(tf, tokenTensor(tf, seen, [...at.keys()], imageTokens(config), config.clip.visionWidth), ids, model, lm);
      });
      const values = await states.data<"float32">();
      states.dispose();
      at.forEach((row, i) => places[row].forEach((place, token) => all.set(values.subarray(i * each + place * width, i * each + (place + 1) * width), (row * tokens + token) * width)));
    }
    return { hidden: all, tokens, marks: places.map(({ length }) => Float32Array.from({ length: tokens }, (_, token) => Number(token < length))) };
  }
}
