import type { AdamOptimizer } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";

export interface AdamWOptions {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  /** 1e-8, as PyTorch. */
  readonly epsilon?: number;
  /** Share of a weight that learningRate 1 would take away in a step; 0.01, as PyTorch. */
  readonly weightDecay?: number;
  /** Which variables decay, by name; all of them by default. Norms and biases are often left out. */
  readonly decays?: (name: string) => boolean;
}

/** A backend that asks for a number anew when it replays a step. */
interface LiveNumbers {
  makeLive?(dataId: object, read: () => number): void;
}

/**
 * Adam with decoupled weight decay: w ← w·(1 − α·λ), then Adam's own step. The learning rate may be set between steps.
 *
 * @returns an optimizer of TensorFlow.js, with its `minimize`, `applyGradients` and state
 * @example
 * const optimizer = adamW(tf, { learningRate: 3e-4, weightDecay: 0.05, decays: (name) => name.endsWith("kernel") });
 * optimizer.minimize(loss);
 * @see Loshchilov & Hutter 2019, algorithm 2; PyTorch `AdamW`
 */
export function adamW(tf: TensorFlow, options: AdamWOptions): AdamOptimizer & { learningRate: number } {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01, decays = () => true } = options;
  class AdamW extends tf.AdamOptimizer {
    static override get className(): string {
      return "AdamW";
    }

    override applyGradients(gradients: Parameters<AdamOptimizer["applyGradients"]>[0]): void {
      const names = Array.isArray(gradients) ? gradients.map(({ name }) => name) : Object.keys(gradients);
      const variables = tf.engine().registeredVariables;
      tf.tidy(() => {
        const remaining = (): number => 1 - this.learningRate * weightDecay;
        const share = tf.scalar(remaining());
        (tf.backend() as LiveNumbers).makeLive?.(share.dataId, remaining);
        for (const name of names.filter(decays)) variables[name].assign(tf.mul(variables[name], share));
      });
      super.applyGradients(gradients);
    }
  }
  return new AdamW(learningRate, beta1, beta2, epsilon) as unknown as AdamOptimizer & { learningRate: number };
}
