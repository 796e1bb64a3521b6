import { logMel } from "../../signal/index.js";
import type { AstraConfig } from "./config.js";
import { unitVector } from "./embed.js";

/**
 * The control without learning (spec §9): mean and deviation over time of each band of a clip's log-mel, [2 · bands],
 * unit length, to be scored exactly as embeddings are.
 */
export function logMelStatistics(
  samples: ArrayLike<number>,
  { sampleRate, nFft, hopLength, nMels, fMin, fMax, topDb }: AstraConfig["image"],
): Float64Array {
  const { data, shape } = logMel(samples, { sampleRate, nFft, hopLength, nMels, fMin, fMax, ref: "max", topDb });
  const [bands, frames] = shape;
  const statistics = new Float64Array(2 * bands);
  for (let band = 0; band < bands; band++) {
    const row = data.subarray(band * frames, (band + 1) * frames);
    const mean = row.reduce((sum, value) => sum + value, 0) / frames;
    statistics[band] = mean;
    statistics[bands + band] = Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / frames);
  }
  return unitVector(statistics);
}
