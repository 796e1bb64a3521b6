import type { backend_util } from "@tensorflow/tfjs";

/** A number a channel, or one for all: an ONNX value of shape [length] or []. */
export interface ChannelVector {
  readonly name: string;
  /** The number of channels, or 1. */
  readonly length: number;
}

/** A tensor as TensorFlow.js lays it out, row-major. */
export interface Natural {
  readonly kind: "natural";
  readonly name: string;
  readonly shape: readonly number[];
}

/** The same vector at every pixel of every image, not written out. */
export interface Spread {
  readonly kind: "spread";
  readonly vector: ChannelVector;
  readonly shape: readonly number[];
}

/** Σ gain·tensor + shift over tensors in blocked layout. Batch norms, biases and sums of branches only edit it. */
export interface Affine {
  readonly kind: "affine";
  readonly terms: readonly Term[];
  readonly shift?: ChannelVector;
  readonly shape: readonly number[];
}

export interface Term {
  readonly tensor: string;
  readonly gain?: ChannelVector;
}

/** left · right, not written out: its sum over all pixels is a dot product a channel. */
export interface Product {
  readonly kind: "product";
  readonly left: Image;
  readonly right: Image;
  readonly shape: readonly number[];
}

/** 1 where an image is above zero, 0 elsewhere. */
export interface Mask {
  readonly kind: "mask";
  readonly of: Image;
  readonly shape: readonly number[];
}

/** Images side by side along the channels, not copied together: a convolution reads them one after the other. */
export interface Joined {
  readonly kind: "joined";
  readonly parts: readonly Image[];
  readonly shape: readonly number[];
}

/** dL/dx of a convolution, not computed yet: a consumer that wants some channels only computes those. */
export interface InputGradient {
  readonly kind: "input-gradient";
  /** Blocked. */
  readonly dy: string;
  /** As TensorFlow.js has it, HWIO. */
  readonly filter: string;
  readonly info: backend_util.Conv2DInfo;
  readonly shape: readonly number[];
}

/** What stands for a recorded image [batch, height, width, channel] while a graph is built; channels fill whole blocks. */
export type Image = Affine | Product | Mask | Joined | InputGradient;
/** What stands for any recorded tensor. */
export type Form = Natural | Spread | Image;

export const natural = (name: string, shape: readonly number[]): Natural => ({ kind: "natural", name, shape });
export const blocked = (tensor: string, shape: readonly number[]): Affine => ({ kind: "affine", terms: [{ tensor }], shape });
export const isImage = (form: Form | undefined): form is Image =>
  form !== undefined && form.kind !== "natural" && form.kind !== "spread";
