import type { Tensor4D, TensorFlow } from "../tensorflow.js";

/**
 * Cuts a map into windows, zero-padded at the right and bottom where it does not divide; padded places take part in
 * attention, as in SAM.
 * @param x [B, H, W, C]
 * @returns [B·(H′/w)·(W′/w), w, w, C]
 */
export function cutWindows(tf: TensorFlow, x: Tensor4D, window: number): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const [down, across] = [Math.ceil(height / window), Math.ceil(width / window)];
  const [bottom, right] = [down * window - height, across * window - width];
  const padded = bottom + right === 0 ? x : tf.pad(x, [[0, 0], [0, bottom], [0, right], [0, 0]]);
  if (down === 1 && across === 1) return padded;
  return padded
    .reshape<Tensor4D>([batch * down, window, across, window * channels])
    .transpose([0, 2, 1, 3])
    .reshape([batch * down * across, window, window, channels]);
}

/** The inverse of {@link cutWindows}: [B·…, w, w, C] → [B, height, width, C]. */
export function joinWindows(tf: TensorFlow, windows: Tensor4D, height: number, width: number): Tensor4D {
  const [, window, , channels] = windows.shape;
  const [down, across] = [Math.ceil(height / window), Math.ceil(width / window)];
  const whole =
    down === 1 && across === 1
      ? windows
      : windows
          .reshape<Tensor4D>([-1, across, window, window * channels])
          .transpose([0, 2, 1, 3])
          .reshape<Tensor4D>([-1, down * window, across * window, channels]);
  if (down * window === height && across * window === width) return whole;
  return tf.slice(whole, [0, 0, 0, 0], [-1, height, width, channels]);
}
