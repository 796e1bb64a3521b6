import type { Random } from "../../core/index.js";
import { resizeBilinear, type ByteImage } from "../../signal/index.js";
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, toGrayscale } from "./colour.js";
import type { AugmentConfig } from "./config.js";

/**
 * One random training view of a picture, the same size: crop and resize, mirror, colour jitter, grey (spec §2.6).
 * @param random drawn from; the same state gives the same view
 */
export function augment(picture: ByteImage, config: AugmentConfig, random: Random): Uint8Array {
  const { width, height } = picture;
  const box = randomCrop(width, height, config, random);
  const { data } = resizeBilinear(crop(picture, box), width, height);
  const turned = random.chance(config.flip) ? mirror(data, width) : data;
  const jittered = random.chance(config.jitter) ? jitter(turned, config, random) : turned;
  return random.chance(config.grayscale) ? toGrayscale(jittered) : jittered;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A crop of random area and shape: up to ten draws that must fit, then the largest central box of an allowed shape
 * (torchvision's RandomResizedCrop).
 */
export function randomCrop(
  width: number,
  height: number,
  { cropScale, cropRatio }: Pick<AugmentConfig, "cropScale" | "cropRatio">,
  random: Random,
): Box {
  const [slimmest, widest] = cropRatio;
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * random.uniform(...cropScale);
    const ratio = Math.exp(random.uniform(Math.log(slimmest), Math.log(widest)));
    const w = Math.round(Math.sqrt(area * ratio));
    const h = Math.round(Math.sqrt(area / ratio));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    return { top: random.integer(height - h + 1), left: random.integer(width - w + 1), width: w, height: h };
  }
  const shape = Math.min(widest, Math.max(slimmest, width / height));
  const w = Math.min(width, Math.round(height * shape));
  const h = Math.min(height, Math.round(width / shape));
  return { left: Math.trunc((width - w) / 2), top: Math.trunc((height - h) / 2), width: w, height: h };
}

function crop({ width, data }: ByteImage, box: Box): ByteImage {
  const out = new Uint8Array(box.width * box.height * 3);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * width + box.left) * 3;
    out.set(data.subarray(from, from + box.width * 3), y * box.width * 3);
  }
  return { width: box.width, height: box.height, channels: 3, data: out };
}

function mirror(rgb: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(rgb.length);
  for (let row = 0; row < rgb.length; row += 3 * width) {
    for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) out[row + 3 * x + c] = rgb[row + 3 * (width - 1 - x) + c];
  }
  return out;
}

/** Brightness, contrast, saturation and hue in random order, each with its own factor (torchvision's ColorJitter). */
function jitter(rgb: Uint8Array, { strength, hue }: AugmentConfig, random: Random): Uint8Array {
  const order = random.permutation(4);
  const factor = (): number => random.uniform(Math.max(0, 1 - strength), 1 + strength);
  const [brightness, contrast, saturation, turn] = [factor(), factor(), factor(), random.uniform(-hue, hue)];
  const changes = [
    (x: Uint8Array) => adjustBrightness(x, brightness),
    (x: Uint8Array) => adjustContrast(x, contrast),
    (x: Uint8Array) => adjustSaturation(x, saturation),
    (x: Uint8Array) => adjustHue(x, turn),
  ];
  return order.reduce<Uint8Array>((x, which) => changes[which](x), rgb);
}
