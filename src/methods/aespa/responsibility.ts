import type { AespaForm } from "./config.js";
import type { Preference } from "./preference.js";
import type { Tensor2D, Tensor3D, TensorFlow } from "./tensorflow.js";

/**
 * How much each part of the mixture is responsible for a map's values: one E-step over pixel values,
 * r_nk = w_k N(y_n; μ_k, σ²_k), c_k = mean_n r_nk / Σ_j r_nj.
 *
 * `direct` divides as the published code does: where every r of a pixel underflows, its sum is replaced by 1e-6 and the
 * pixel counts as nothing, so c may be all zeros. `log-space` cannot underflow (spec §8.13).
 *
 * @param values [B, pixels] in [0, 1]
 * @returns [B, M]; rows sum to 1, or less where `direct` underflowed
 * @example values 0, 1; w .25, .75; μ 0, 1; σ² .25, .25 → .3772, .6228
 * @see AESPA spec §3.4, test vector 7
 */
export function responsibilities(tf: TensorFlow, values: Tensor2D, { weights, means, variances }: Preference, form: AespaForm["responsibilities"]): Tensor2D {
  const [rows, components] = weights.shape;
  const part = (x: Tensor2D): Tensor3D => x.reshape([rows, 1, components]);
  const y = tf.expandDims(values, 2); // [B, N, 1]
  const distance = y.sub(part(means)).square().div(part(variances).mul(2)); // [B, N, M]
  const scale = variances.mul(2 * Math.PI);
  if (form === "log-space") {
    const prior = part(tf.sub(weights.maximum(1e-30).log(), scale.log().mul(0.5)));
    return tf.sub(prior, distance).softmax().mean<Tensor2D>(1);
  }
  const joint = part(weights.div<Tensor2D>(scale.sqrt())).mul<Tensor3D>(distance.neg().exp());
  const sums = joint.sum(2, true);
  return joint.div(sums.add(sums.equal(0).cast("float32").mul(1e-6))).mean<Tensor2D>(1);
}
