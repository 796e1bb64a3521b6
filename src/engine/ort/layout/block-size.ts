import { Graph } from "../graph.js";
import { encodeModel } from "../onnx/model.js";
import type { Runtime } from "../runtime.js";
import { BlockedOperators } from "./blocked-operators.js";

/**
 * How many channels ONNX Runtime puts side by side in its blocked layout on this processor – 8 or 16 – or 0 where the
 * internal operators are missing, refuse, or compute anything but what we expect of them.
 */
export async function probeBlockSize(runtime: Runtime): Promise<number> {
  for (const block of [16, 8]) {
    try {
      if (await convolvesRight(runtime, block)) return block;
    } catch {
      // not this size, or no such operators
    }
  }
  return 0;
}

/** A convolution of one tap on two pixels of 2·B channels, every step of the way in blocked layout, compared with the sum by hand. */
async function convolvesRight(runtime: Runtime, block: number): Promise<boolean> {
  const channels = 2 * block;
  const graph = new Graph();
  const blocked = new BlockedOperators(graph, block);
  const [image, filter] = [
    [1, 1, 2, channels],
    [1, 1, channels, channels],
  ];
  const sum = blocked.convolve(blocked.fromNatural("x", image), blocked.filter("f", filter), { kernel_shape: [1, 1] });
  const doubled = blocked.scaleAndShift(sum, channels, { gain: { name: graph.scalar(2), length: 1 }, addTo: sum });
  const float = (name: string, shape: readonly number[]) => ({ name, type: "float32" as const, shape });
  const model = graph.finish(
    [float("x", image), float("f", filter)],
    [
      { ...float("y", image), source: blocked.toNatural(doubled, image) },
      { ...float("raw", [channels * 2]), source: graph.reshape(blocked.fromNatural("x", image), [channels * 2]) },
    ],
  );
  const session = runtime.compile(encodeModel(model), { threads: 1 });
  try {
    const x = Float32Array.from({ length: 2 * channels }, (_, i) => (i % 7) - 3);
    const f = Float32Array.from({ length: channels * channels }, (_, i) => (i % 5) - 2);
    const computed = await session.run({ x: runtime.tensor("float32", x, image), f: runtime.tensor("float32", f, filter) }, { y: null, raw: null });
    const [y, raw] = [computed.y.data as Float32Array, computed.raw.data as Float32Array];
    // Blocked: the first block of channels of both pixels, then the second.
    const laidOut = raw.every((value, at) => value === x[(Math.floor(at / block) % 2) * channels + Math.floor(at / (2 * block)) * block + (at % block)]);
    const right = y.every((value, at) => {
      const [pixel, to] = [Math.floor(at / channels), at % channels];
      let expected = 0;
      for (let from = 0; from < channels; from++) expected += x[pixel * channels + from] * f[from * channels + to];
      return value === 3 * expected;
    });
    return laidOut && right;
  } finally {
    session.dispose();
  }
}
