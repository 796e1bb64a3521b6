import { seededRandom } from "../../core/index.js";
import type { RatedCase } from "../../datasets/index.js";
import { presets, type AespaConfig } from "./config.js";

/** The smallest network that has every part. */
export const tiny: AespaConfig = {
  ...presets.quick,
  sam: { ...presets.quick.sam, imageSize: 16, patch: 4, positionGrid: 4, width: 8, heads: 2, window: 2, channels: 16, decoderHeads: 2, decoderMlp: 16 },
  preference: { components: 3, latent: 4 },
  training: { ...presets.quick.training, rounds: 3, batch: 2, epochs: 2, worstPixels: 4, learningRate: 1e-3 },
};

/** Squares of three sizes: cautious, medium, generous. */
export function squares(count: number): RatedCase[] {
  return Array.from({ length: count }, (_, i) => {
    const random = seededRandom(i);
    const [cy, cx] = [5 + random.integer(6), 5 + random.integer(6)];
    const square = (reach: number): Uint8Array => Uint8Array.from({ length: 256 }, (_, at) => (Math.max(Math.abs(Math.floor(at / 16) - cy), Math.abs((at % 16) - cx)) <= reach ? 1 : 0));
    const raters = [square(1), square(2), square(3)];
    const image = Uint8Array.from({ length: 768 }, (_, at) => 60 + 60 * raters[2][Math.floor(at / 3)] + random.integer(30));
    return { id: `s${i}`, patient: `p${i}`, size: 16, image, raters, valid: [true, true, true] };
  });
}
