import { seededRandom, silent, stopIfAborted, type Progress } from "../../core/index.js";
import type { Engine } from "../../engine/index.js";
import { Adam, magnitude, newVariable } from "../../nn/index.js";
import type { LineOrder } from "./acquire.js";
import { actionCount, type AsmrConfig } from "./config.js";
import { zeroFilledComplex } from "./reconstruct.js";
import { drawSlices } from "./sampler.js";
import { segmentationLoss } from "./segmentation-loss.js";
import { segment, type Segmenter } from "./segmenter.js";
import { sliceTensors, vectors, type KspaceSlice } from "./slices.js";
import type { Rank, Scalar, Tensor1D, Tensor2D, Tensor3D, TensorFlow } from "./tensorflow.js";

export interface LoupeOptions {
  readonly engine: Pick<Engine, "tf" | "step">;
  readonly config: AsmrConfig;
  readonly segmenter: Segmenter;
  readonly train: readonly KspaceSlice[];
  readonly budget: number;
  readonly seed: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Chances of the columns with mean α: scaled down where they are too many, their complements where they are too few.
 * @param p [A] in (0, 1)
 * @example rescaled([0.9, 0.6], 0.5) // mean 0.75 → [0.6, 0.4]
 */
export function rescaled(tf: TensorFlow, p: Tensor1D, alpha: number): Tensor1D {
  const mean = p.mean();
  const down = p.mul<Tensor1D>(tf.div(alpha, mean));
  const up = tf.sub(1, tf.sub(1, p).mul(tf.div(1 - alpha, tf.sub(1, mean)))) as Tensor1D;
  const tooMany = mean.greater(alpha).toFloat();
  return down.mul(tooMany).add(up.mul(tf.sub(1, tooMany)));
}

/**
 * LOUPE: one mask for all slices, learned by gradient through the frozen network. Chances p = σ(5θ), rescaled to the budget; a training mask is σ(12(p − u)) with uniform u,
 * a step function made soft; the mask that is used has the likeliest columns.
 *
 * @returns the columns by their chance, the likeliest first
 * @see Bahadir et al., LOUPE, IPMI 2019; ASMR-seg spec §5.3, baseline 5
 */
export async function learnLoupe({ engine: { tf, step }, config, segmenter, train, budget, seed, progress = silent, signal }: LoupeOptions): Promise<LineOrder> {
  const { data: { size, sampledIndices: [first, last] }, evaluation: { loupe }, reward, rewardModel } = config;
  const actions = actionCount(config.data);
  const random = seededRandom(seed).stream("loupe").stream(budget);
  const start = random.stream("start");
  // Chances start uniform.
  const theta = newVariable<Rank.R1>(tf, Float32Array.from({ length: actions }, () => {
    const u = start.uniform(0.01, 0.99);
    return Math.log(u / (1 - u)) / loupe.slope;
  }), [actions]);
  const adam = new Adam(tf, [{ name: "theta", variable: theta }], loupe.learningRate);
  const chances = (): Tensor1D => rescaled(tf, theta.mul<Tensor1D>(loupe.slope).sigmoid(), budget / actions);
  const compiled = step((kReal: Tensor3D, kImag: Tensor3D, image: Tensor3D, label: Tensor3D, u: Tensor2D): Scalar => {
    const { value, grads } = tf.variableGrads(() => {
      const soft = chances().sub(u).mul(loupe.sampleSlope).sigmoid() as Tensor2D; // [B, A]
      const mask = tf.pad(soft, [[0, 0], [first, size - 1 - last]]);
      const kspace = { real: kReal, imag: kImag };
      const loss = segmentationLoss(tf, segment(tf, kspace, mask, segmenter), label, rewardModel.segLoss);
      if (reward.lambdaReconstruction === 0) return loss;
      const picture = magnitude(tf, zeroFilledComplex(tf, kspace, mask, segmenter.config.data.hermitian));
      return loss.add<Scalar>(tf.squaredDifference(picture, image).mean().mul(reward.lambdaReconstruction)).asScalar();
    }, [theta]);
    adam.step(grads);
    return value;
  });
  const task = progress.begin(`LOUPE, ${budget} lines`, loupe.steps);
  try {
    for (let at = 0; at < loupe.steps; at++) {
      stopIfAborted(signal);
      const own = random.stream(at);
      const slices = drawSlices(train.map(() => 1), loupe.batch, own).map((i) => train[i]);
      const inputs = [...sliceTensors(tf, slices), vectors(tf, slices.map(() => Array.from({ length: actions }, () => own.uniform())))] as const;
      const loss = compiled(...inputs);
      task.update(at + 1, `loss ${(await loss.data())[0].toFixed(3)}`);
      tf.dispose([...inputs, loss]);
    }
    const p = tf.tidy(chances);
    const values = await p.data();
    p.dispose();
    const order = Array.from({ length: actions }, (_, a) => a).sort((a, b) => values[b] - values[a] || a - b).slice(0, budget).map((a) => first + a);
    task.end(`columns ${[...order].sort((a, b) => a - b).join(", ")}`);
    return order;
  } finally {
    adam.dispose();
    theta.dispose();
  }
}
