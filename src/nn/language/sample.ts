import { InvalidValue, type Random } from "../../core/index.js";

export interface SamplingOptions {
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** Only the likeliest tokens that together reach this probability; 1 keeps all. */
  readonly topP?: number;
}

/**
 * Draws a token: softmax(logits / temperature), cut to the nucleus.
 * @param logits [vocabulary]
 * @returns a token id
 * @throws InvalidValue for a negative temperature or a top-p outside (0, 1]
 * @example sampleToken([1, 3, 2], { temperature: 0 }, random) // 1
 * @see Holtzman et al. 2020, §3.1
 */
export function sampleToken(logits: ArrayLike<number>, { temperature, topP = 1 }: SamplingOptions, random: Random): number {
  if (!(temperature >= 0)) throw new InvalidValue("sampleToken", "temperature must not be negative", temperature);
  if (!(topP > 0 && topP <= 1)) throw new InvalidValue("sampleToken", "top-p must lie in (0, 1]", topP);
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  if (temperature === 0) return best;
  const chances = Array.from({ length: logits.length }, (_, id) => ({ id, weight: Math.exp((logits[id] - logits[best]) / temperature) })).sort((a, b) => b.weight - a.weight);
  const total = chances.reduce((sum, { weight }) => sum + weight, 0);
  const nucleus: typeof chances = [];
  let reached = 0;
  for (const chance of chances) {
    if (reached >= topP * total) break;
    nucleus.push(chance);
    reached += chance.weight;
  }
  let draw = random.uniform(0, reached);
  for (const { id, weight } of nucleus) if ((draw -= weight) < 0) return id;
  return nucleus[0].id;
}
