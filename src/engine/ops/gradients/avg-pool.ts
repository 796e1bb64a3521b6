import type { GradConfig, Tensor4D, backend_util } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";

interface PoolAttrs {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/**
 * Average pooling divides by the cells of a window that lie inside the image; upstream's gradient divides by the whole
 * window also at the padded border. Scaling dy by window ÷ cells there makes the two agree.
 */
export function avgPoolGradient(tf: TensorFlow): GradConfig {
  const upstream = tf.getGradient("AvgPool");
  return {
    ...upstream,
    gradFunc: (dy, saved, attrs) => {
      const [x] = saved as Tensor4D[];
      const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as PoolAttrs;
      const info = tf.backend_util.computePool2DInfo(x.shape, filterSize, strides, 1, pad, dimRoundingMode);
      const { top, left, bottom, right } = info.padInfo;
      if (top + left + bottom + right === 0) return upstream.gradFunc(dy, saved, attrs);
      return { x: () => upstream.gradFunc(tf.mul(dy as Tensor4D, windowOverCells(tf, info)), saved, attrs).x() };
    },
  };
}

/** Window ÷ cells inside the image, for every place of the window: [1, oh, ow, 1]. */
export function windowOverCells(tf: TensorFlow, info: backend_util.Conv2DInfo): Tensor4D {
  const rows = cellsInside(info.outHeight, info.strideHeight, info.filterHeight, info.padInfo.top, info.inHeight);
  const columns = cellsInside(info.outWidth, info.strideWidth, info.filterWidth, info.padInfo.left, info.inWidth);
  const window = info.filterHeight * info.filterWidth;
  return tf.tensor4d(
    rows.flatMap((row) => columns.map((column) => window / (row * column))),
    [1, rows.length, columns.length, 1],
  );
}

function cellsInside(windows: number, stride: number, filter: number, padBefore: number, size: number): number[] {
  return Array.from({ length: windows }, (_, i) => {
    const first = i * stride - padBefore;
    return Math.min(size, first + filter) - Math.max(0, first);
  });
}
