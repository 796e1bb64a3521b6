import { concatenate } from "../../core/index.js";
import type { PrsCase, PrsRow } from "../../datasets/index.js";
import { Adam, lmLogits, trainableVariables, type NamedVariable, type Runner } from "../../nn/index.js";
import { zones } from "../../datasets/index.js";
import { zoneOf } from "../../metrics/index.js";
import { labelTensor, maskTensor, pixelTensor, rowTensor, textTensors, tokenTensor } from "./batch.js";
import { imageTokens } from "./config.js";
import { classLoss, contrastLoss, structureLoss, textLoss } from "./loss.js";
import type { Pictured } from "./pictured-rows.js";
import { drawMask, encodeMap, encodingOf, hiddenStates, languageModel, modalityLogits, type PrsMedModel } from "./model.js";
import { clippedStep } from "./optimise.js";
import type { Scalar, Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";
import { conceptsOf, encodeRow, type EncodedRow } from "./text.js";

/** What training changes: adapters (or, from scratch, the whole language side), encoder, mask head, modality head. */
export function trainedVariables({ weights, config }: PrsMedModel): NamedVariable[] {
  const { parts, form } = config;
  const { vlm, lora, image_encoder, mask_decoder, cls } = weights;
  const blind = form.conditioning === "none" || form.conditioning === "oracle";
  return trainableVariables({
    ...(!blind && parts.language === "scratch" && { vlm: { mm_projector: vlm.mm_projector, language_model: vlm.language_model } }),
    ...(!blind && parts.language === "pretrained" && parts.lora === "trained" && { lora }),
    ...(parts.encoder === "trained" && { image_encoder, cls }),
    mask_decoder,
  });
}

/** Losses of one step. */
export interface StepLosses {
  readonly total: number;
  readonly mask: number;
  readonly text: number;
}

/** A step's rows. */
export interface StepBatch extends Pictured {
  readonly rows: readonly EncodedRow[];
  /** Whether the modality loss is on. */
  readonly classes: boolean;
}

/** What the question of a case asks for, as numbers: the oracle's prompt. [d] */
export function oracleVector({ question, position }: PrsCase, width: number): Float32Array {
  const vector = new Float32Array(width);
  vector.set(conceptsOf(question));
  const zone = zoneOf(position);
  if (zone !== null) vector[7 + zones.indexOf(zone)] = 1;
  return vector;
}

/**
 * The joint step (spec §4.1): mask, text and modality loss in one pass of the language model.
 * @returns a function that makes one optimizer step
 */
export function makeTrainStep(runner: Runner, model: PrsMedModel, adam: Adam): (batch: StepBatch) => Promise<StepLosses> {
  const { tf } = runner;
  const { config } = model;
  const { form, training } = config;
  const blind = form.conditioning === "none" || form.conditioning === "oracle";
  const maskLoss = (logits: Tensor4D, masks: Tensor4D, others: Tensor4D): { mask: Scalar; drawn: Scalar } => {
    const mask = structureLoss(tf, logits, masks, training.window, form.structure);
    return { mask, drawn: training.contrastWeight === 0 ? mask : mask.add(contrastLoss(logits, masks, others).mul(training.contrastWeight)) };
  };
  const step = clippedStep<StepTensors>(runner, adam, trainedVariables(model),
    (pixels, masks, others, labels, classWeight, picture, ids, targetWeights, counts) => {
      const map = encodeMap(tf, pixels, model.weights, config, config.parts.encoder === "trained" ? "train" : "eval");
      const classes = classLoss(tf, modalityLogits(tf, map, model.weights), labels).mul<Scalar>(classWeight);
      if (blind) {
        const { mask, drawn } = maskLoss(drawMask(tf, map, picture, undefined, model, "train").logits, masks, others);
        return { total: drawn.add(classes), parts: [mask, mask.mul<Scalar>(0)] };
      }
      const lm = languageModel(model, config.parts.lora === "trained" ? "with" : "without");
      const hidden = hiddenStates(tf, picture, ids, model, lm); // [B, T, d]
      const text = textLoss(tf, lmLogits(tf, hidden, lm), ids, targetWeights);
      const { mask, drawn } = maskLoss(drawMask(tf, map, hidden, form.padding === "masked" ? counts : undefined, model, "train").logits, masks, others);
      return { total: drawn.add<Scalar>(text.mul(training.textWeight)).add(classes), parts: [mask, text] };
    });
  return async (batch) => {
    const tensors = batchTensors(tf, batch, model, blind);
    const [total, mask, text] = await step(...tensors);
    tf.dispose(tensors);
    return { total, mask, text };
  };
}

type StepTensors = [pixels: Tensor4D, masks: Tensor4D, others: Tensor4D, labels: Tensor1D, classWeight: Scalar, picture: Tensor3D, ids: Tensor2D, targetWeights: Tensor2D, counts: Tensor2D];

function batchTensors(tf: TensorFlow, { cases, rows, others, tokens, classes }: StepBatch, { config }: PrsMedModel, blind: boolean): StepTensors {
  const { ids, targetWeights, question } = textTensors(tf, rows);
  question.dispose();
  const { conditioning } = config.form;
  return [
    pixelTensor(tf, cases.map(({ pixels }) => pixels), config.imageSize),
    maskTensor(tf, cases.map(({ softMask }) => softMask), config.imageSize),
    maskTensor(tf, others, config.imageSize),
    labelTensor(tf, cases.map(({ modality }) => modality)),
    tf.scalar(classes ? config.training.classWeight : 0),
    blind ? blindPrompt(tf, cases, config.lm.width, conditioning) : tokenTensor(tf, tokens, [...cases.keys()], imageTokens(config), config.clip.visionWidth),
    ids, targetWeights,
    rowTensor(tf, rows.map((row) => countedPlaces(row, conditioning))),
  ];
}

/** One token: zeros, or what the oracle knows. [B, 1, d] */
export function blindPrompt(tf: TensorFlow, cases: readonly PrsCase[], width: number, conditioning: string): Tensor3D {
  const vectors = cases.map((each) => (conditioning === "oracle" ? oracleVector(each, width) : new Float32Array(width)));
  return tokenTensor(tf, concatenate(vectors), [...cases.keys()], 1, width); // no reshaped view: a replayed step takes none
}

/** Which places the mask head may look at. */
export function countedPlaces({ question, promptLength, length }: EncodedRow, conditioning: string): Float32Array {
  if (conditioning === "question") return question;
  const until = conditioning === "leak-answer" ? length : promptLength;
  return Float32Array.from(question, (_, place) => (place < until ? 1 : 0));
}

/** Rows as the model reads them in training. */
export const encodeCases = (model: PrsMedModel, cases: readonly Pick<PrsRow, "question" | "answer">[]): EncodedRow[] =>
  cases.map(({ question, answer }) => encodeRow(model.tokenizer, question, answer, encodingOf(model.config)));
