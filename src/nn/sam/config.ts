/** Sizes of a Segment Anything model; `vitB` is the published one. */
export interface SamConfig {
  /** S: side of the square image in pixels. */
  readonly imageSize: number;
  /** Side of a patch; g = S / patch. */
  readonly patch: number;
  /** Width of a token in the image encoder. */
  readonly width: number;
  readonly blocks: number;
  readonly heads: number;
  /** Blocks (from 0) that look at the whole image; the others at windows. */
  readonly globalBlocks: readonly number[];
  /** Side of a window in patches. */
  readonly window: number;
  /** Hidden width of a block's MLP over `width`. */
  readonly mlpRatio: number;
  /** Side of the stored position table in patches: 64 in published checkpoints, g where trained from scratch. */
  readonly positionGrid: number;
  /** C: width after the neck, of prompts and of decoder tokens. */
  readonly channels: number;
  readonly decoderHeads: number;
  readonly decoderMlp: number;
  readonly decoderDepth: number;
}

/** ViT-B at 128 pixels, as AESPA fine-tunes MedSAM (spec §3.1–3.3). */
export const vitB: SamConfig = {
  imageSize: 128, patch: 16, width: 768, blocks: 12, heads: 12, globalBlocks: [2, 5, 8, 11], window: 14, mlpRatio: 4, positionGrid: 64,
  channels: 256, decoderHeads: 8, decoderMlp: 2048, decoderDepth: 2,
};

/** g: patches a side. */
export const gridOf = ({ imageSize, patch }: SamConfig): number => imageSize / patch;
