import type { PrsCase } from "../../datasets/index.js";
import { resizeBilinear, type ByteImage } from "../../signal/index.js";
import { askAll, type AskOptions, type Reply } from "./ask.js";
import { toBytes } from "./measure.js";
import type { PrsMedModel } from "./model.js";
import type { TensorFlow } from "./tensorflow.js";

/**
 * One question about one picture of any size.
 * @param picture RGB
 * @returns the reply with its probabilities at the picture's own size, [H, W]
 * @throws Interrupted; InvalidValue for a question that is too long
 */
export async function askPicture(tf: TensorFlow, model: PrsMedModel, picture: ByteImage, question: string, options: AskOptions = {}): Promise<Reply> {
  const side = model.config.imageSize;
  const { width, height } = picture;
  const asked: PrsCase = {
    id: "picture", task: "", split: "test", kind: "single", group: "picture", image: "", mask: "", question, answer: "", position: "", modality: 0,
    size: side, pixels: resizeBilinear(picture, side, side).data, softMask: new Float32Array(side * side),
  };
  const [reply] = await askAll(tf, model, [asked], { ...options, batch: 1 });
  const grown = resizeBilinear({ width: side, height: side, channels: 1, data: toBytes(reply.probability) }, width, height).data;
  return { ...reply, probability: Float32Array.from(grown, (byte) => byte / 255) };
}

/** As the original draws it: 0.3 of the colour over 0.7 of the picture. @see PRS-Med spec §7 */
const [colour, share] = [[210, 145, 188], 0.3] as const;

/**
 * The picture with the mask laid over it.
 * @param rgb [H, W, 3]
 * @param mask [H, W], foreground where it is above 0
 */
export function overlayOf(rgb: Uint8Array, mask: ArrayLike<number>): Uint8Array {
  return rgb.map((level, i) => (mask[Math.floor(i / 3)] > 0 ? Math.round((1 - share) * level + share * colour[i % 3]) : level));
}
