import { maskPosition } from "../../../datasets/index.js";
import type { PrsMedModel, Reply } from "../../../methods/prs-med/index.js";
import { resizeBilinear } from "../../../signal/index.js";
import { sendPicture, type SentPicture } from "../../picture.js";
import type { AskAnswer, LookedAt } from "./answers.js";

/** Side of everything the page shows. */
export const shownSize = 256;

/** A square of bytes at the size the page shows. */
export function enlarged(bytes: Uint8Array, side: number, channels: 1 | 3): SentPicture {
  return sendPicture(shownSize, shownSize, channels, resizeBilinear({ width: side, height: side, channels, data: bytes }, shownSize, shownSize).data);
}

/** Centre lines, and the circle of radius 0.2·w around the centre. */
export function zoneGrid(): SentPicture {
  const centre = shownSize / 2;
  const lines = Uint8Array.from({ length: shownSize * shownSize }, (_, i) => {
    const [y, x] = [Math.floor(i / shownSize), i % shownSize];
    const ring = Math.abs(Math.hypot(y - centre, x - centre) - 0.2 * shownSize) < 0.8;
    return ring || y === centre || x === centre ? 255 : 0;
  });
  return sendPicture(shownSize, shownSize, 1, lines);
}

/** Words of three letters and more. */
export const wordsOf = (text: string): string[] => text.match(/\p{L}{3,}/gu) ?? [];

/**
 * What the page shows of a reply.
 * @param known words that training had, in small letters; empty when nobody knows
 */
export function shown(reply: Reply, question: string, { config }: PrsMedModel, known: ReadonlySet<string>): AskAnswer {
  const { probability, attention } = reply;
  const mask = Uint8Array.from(probability, (p) => (p > 0.5 ? 255 : 0));
  const top = Math.max(1e-9, ...attention.flatMap(({ map }) => [...map]));
  const side = Math.round(Math.sqrt(attention[0]?.map.length ?? 1));
  return {
    mask: enlarged(mask, config.imageSize, 1),
    pixels: mask.reduce((sum, on) => sum + on / 255, 0),
    maskZone: maskPosition(mask, config.imageSize, config.imageSize)?.zone ?? null,
    pieces: attention.map(({ piece, map }): LookedAt => ({ text: piece.replace("▁", " "), map: enlarged(Uint8Array.from(map, (share) => Math.round((255 * share) / top)), side, 1) })),
    strange: known.size === 0 ? [] : wordsOf(question).filter((word) => !known.has(word.toLowerCase())),
  };
}
