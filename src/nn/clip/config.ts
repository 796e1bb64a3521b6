/** Sizes of a CLIP model whose image tower is a vision transformer. */
export interface ClipConfig {
  /** Side of the square image in pixels. */
  readonly imageSize: number;
  readonly patch: number;
  readonly visionWidth: number;
  readonly visionBlocks: number;
  readonly visionHeads: number;
  /** Dimensions that images and texts share. */
  readonly joint: number;
  /** Tokens of a text, start and end among them. */
  readonly context: number;
  readonly vocabulary: number;
  readonly textWidth: number;
  readonly textBlocks: number;
  readonly textHeads: number;
}

/** OpenAI's ViT-B/32: 151,277,313 parameters. */
export const clipVitB32: ClipConfig = {
  imageSize: 224, patch: 32, visionWidth: 768, visionBlocks: 12, visionHeads: 12, joint: 512,
  context: 77, vocabulary: 49408, textWidth: 512, textBlocks: 12, textHeads: 8,
};

/** OpenAI's ViT-L/14 at 336 pixels, the image tower of LLaVA and of what descends from it. */
export const clipVitL14At336: ClipConfig = {
  imageSize: 336, patch: 14, visionWidth: 1024, visionBlocks: 24, visionHeads: 16, joint: 768,
  context: 77, vocabulary: 49408, textWidth: 768, textBlocks: 12, textHeads: 12,
};

/** Patches a side. */
export const patchesASide = ({ imageSize, patch }: ClipConfig): number => imageSize / patch;
