/** Sizes of a TinyViT encoder with SAM's neck; `tinySam` is the published one. */
export interface TinyVitConfig {
  /** S: side of the square picture; the map has S / (4 · the merges' strides) places a side. */
  readonly imageSize: number;
  /** Channels after the first of the two stem convolutions. */
  readonly stem: number;
  /** Channels of each stage; the first stage is convolutional, the others look at windows. */
  readonly widths: readonly number[];
  readonly depths: readonly number[];
  /** Of each stage; the first is not used. */
  readonly heads: readonly number[];
  readonly windows: readonly number[];
  /** Stride of the merge after each stage but the last. */
  readonly mergeStrides: readonly number[];
  /** Channels of the map. */
  readonly channels: number;
}

/** TinySAM's `vit_t`: 5,743,892 parameters in use, input 1024², map 256×64×64. Its checkpoint has 321,640 more in a head nobody calls. */
export const tinySam: TinyVitConfig = {
  imageSize: 1024, stem: 32, widths: [64, 128, 160, 320], depths: [2, 2, 6, 2], heads: [2, 4, 5, 10], windows: [7, 7, 14, 7], mergeStrides: [2, 2, 1], channels: 256,
};

/** Places a side of the map. */
export const tinyVitGrid = ({ imageSize, mergeStrides }: TinyVitConfig): number => mergeStrides.reduce((side, stride) => side / stride, imageSize / 4);
