import { centeredIfft2, keepColumns, keepColumnsAndMirrors, magnitude, type ComplexTensor } from "../../nn/index.js";
import type { DataConfig } from "./config.js";
import type { Tensor2D, Tensor3D, TensorFlow } from "./tensorflow.js";

/**
 * The complex picture after acquiring some columns, all others taken as zero: ifft(m ⊙ k).
 * @param kspace [B, H, W]
 * @param mask [B, W]
 */
export function zeroFilledComplex(tf: TensorFlow, kspace: ComplexTensor, mask: Tensor2D, hermitian: DataConfig["hermitian"] = "none"): ComplexTensor {
  return centeredIfft2(tf, hermitian === "fill" ? keepColumnsAndMirrors(tf, kspace, mask) : keepColumns(tf, kspace, mask));
}

/** x̂ = |ifft(m ⊙ k)|, not clipped. → [B, H, W] @see ASMR-seg spec §2.6 */
export function zeroFilledImage(tf: TensorFlow, kspace: ComplexTensor, mask: Tensor2D, hermitian: DataConfig["hermitian"] = "none"): Tensor3D {
  return magnitude(tf, zeroFilledComplex(tf, kspace, mask, hermitian));
}
