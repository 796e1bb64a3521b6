import type * as tfjs from "@tensorflow/tfjs";

/** The TensorFlow.js namespace an engine hands out; every block takes it first. */
export type TensorFlow = typeof tfjs;
export type { Rank, Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from "@tensorflow/tfjs";
