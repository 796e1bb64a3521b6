import { onSam, type PrsMedConfig } from "./config.js";

/** One way to run the method, and what it is for. */
export interface Variant {
  /** In tables. */
  readonly label: string;
  readonly what: string;
  readonly change: (config: PrsMedConfig) => PrsMedConfig;
}

const form = (changes: Partial<PrsMedConfig["form"]>) => (config: PrsMedConfig): PrsMedConfig => ({ ...config, form: { ...config.form, ...changes } });
const parts = (changes: Partial<PrsMedConfig["parts"]>) => (config: PrsMedConfig): PrsMedConfig => ({ ...config, parts: { ...config.parts, ...changes } });

/** Runs of one seed share data, base and steps; each changes one thing. */
export const variants = {
  full: { label: "PRS-Med", what: "mask from the picture and the question's hidden states", change: (config) => config },
  "no-text": { label: "without text", what: "the same mask head with zeros for the question", change: form({ conditioning: "none" }) },
  oracle: { label: "oracle text", what: "an indicator of what is asked instead of hidden states; looks at the truth", change: form({ conditioning: "oracle" }) },
  "whole-prompt": { label: "whole prompt", what: "keys and values of every place of the prompt, the picture's too", change: form({ conditioning: "prompt" }) },
  "leak-answer": { label: "leaked answer", what: "as published: the true answer conditions the mask in training, the question alone in testing", change: form({ conditioning: "leak-answer" }) },
  "no-fusion": { label: "without fusion", what: "cross-attention bypassed, language model trained all the same", change: parts({ fusion: "bypassed" }) },
  "no-lora": { label: "without LoRA", what: "the language model stays as it was pre-trained", change: parts({ lora: "none" }) },
  "encoder-frozen": { label: "encoder frozen", what: "the vision encoder stays as it was pre-trained", change: parts({ encoder: "frozen" }) },
  "no-encoder-pretraining": { label: "encoder from scratch", what: "no stand-in for TinySAM", change: parts({ encoderPretraining: "none" }) },
  "no-prompt-warmup": { label: "no prompt warm-up", what: "the prompt projection starts untrained, as in the original", change: parts({ promptWarmup: "none" }) },
  "language-scratch": { label: "language from scratch", what: "no stand-in for CLIP and LLaVA-Med; the language model is trained with the masks", change: parts({ language: "scratch" }) },
  "sam-encoder": { label: "SAM’s ViT", what: "SAM's ViT as the vision encoder instead of TinyViT, as with SAM-Med2D", change: onSam },
  "deconv-head": { label: "deconvolutions", what: "the paper-style head with transposed convolutions, which the repositories never call", change: parts({ head: "deconvolutions" }) },
  "biases-1": { label: "biases at 1", what: "linear biases of the head start at 1, as published", change: (config) => ({ ...config, head: { ...config.head, startBias: 1 } }) },
} as const satisfies Readonly<Record<string, Variant>>;

export type VariantName = keyof typeof variants;
export const variantNames = Object.keys(variants) as VariantName[];
