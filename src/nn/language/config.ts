import { InvalidValue } from "../../core/index.js";

/** Sizes of a decoder-only transformer in the manner of LLaMA and Mistral. */
export interface CausalLmConfig {
  readonly vocabulary: number;
  /** d: width of a token. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Keys and values are shared by heads / kvHeads queries. */
  readonly kvHeads: number;
  /** Hidden width of the gated MLP. */
  readonly hidden: number;
  /** θ: base of the rotary frequencies. */
  readonly ropeTheta: number;
  /** Of the RMS norms. */
  readonly eps: number;
  /** Standard deviation that embeddings start from; 1, as PyTorch's, unless given. */
  readonly embeddingDeviation?: number;
}

/** Mistral-7B-Instruct-v0.2, the language model of LLaVA-Med 1.5: 7,241,732,096 parameters. */
export const mistral7b: CausalLmConfig = { vocabulary: 32000, width: 4096, layers: 32, heads: 32, kvHeads: 8, hidden: 14336, ropeTheta: 1e6, eps: 1e-5 };

/** @throws InvalidValue for widths that do not divide by their heads */
export function checkLmConfig(config: CausalLmConfig): CausalLmConfig {
  const { width, heads, kvHeads } = config;
  if (width % heads !== 0 || heads % kvHeads !== 0 || (width / heads) % 2 !== 0)
    throw new InvalidValue("language model", "width must divide by heads into an even width, heads by kvHeads", { width, heads, kvHeads });
  return config;
}
