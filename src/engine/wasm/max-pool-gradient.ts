import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorFlow } from "../engine.js";

interface PoolAttrs {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

interface MaxPoolGradientCall {
  readonly inputs: { readonly dy?: TensorInfo; readonly input?: TensorInfo };
  readonly attrs: unknown;
  readonly backend: object;
}

/**
 * The gradient of max pooling (NHWC): each dy goes to the first largest value of its window, in row order, as
 * PyTorch and TensorFlow do. A window of NaN only sends its gradient nowhere. Plain JavaScript on the wasm heap.
 */
export function maxPoolGradient(tf: TensorFlow): (call: MaxPoolGradientCall) => ReturnType<KernelFunc> {
  return ({ inputs, attrs, backend }) => {
    const dy = inputs.dy!;
    const input = inputs.input!;
    const { filterSize, strides, pad, dimRoundingMode } = attrs as PoolAttrs;
    const info = tf.backend_util.computePool2DInfo(
      input.shape as [number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const wasm = backend as BackendWasm;
    const output = wasm.makeOutput(input.shape, "float32");
    const x = wasm.typedArrayFromHeap(input);
    const gradient = wasm.typedArrayFromHeap(dy);
    const dx = wasm.typedArrayFromHeap(output).fill(0);
    const { inHeight, inWidth, inChannels: channels } = info;
    let at = 0;
    for (let n = 0; n < info.batchSize; n++) {
      for (let row = 0; row < info.outHeight; row++) {
        const top = row * info.strideHeight - info.padInfo.top;
        const [firstRow, lastRow] = [Math.max(0, top), Math.min(inHeight, top + info.effectiveFilterHeight)];
        for (let column = 0; column < info.outWidth; column++) {
          const left = column * info.strideWidth - info.padInfo.left;
          const [firstColumn, lastColumn] = [Math.max(0, left), Math.min(inWidth, left + info.effectiveFilterWidth)];
          for (let c = 0; c < channels; c++, at++) {
            let largest = -Infinity;
            let winner = -1;
            for (let y = firstRow; y < lastRow; y++) {
              let from = ((n * inHeight + y) * inWidth + firstColumn) * channels + c;
              for (let column = firstColumn; column < lastColumn; column++, from += channels) {
                if (x[from] > largest || (winner < 0 && x[from] === -Infinity)) {
                  largest = x[from];
                  winner = from;
                }
              }
            }
            if (winner >= 0) dx[winner] += gradient[at];
          }
        }
      }
    }
    return output;
  };
}
