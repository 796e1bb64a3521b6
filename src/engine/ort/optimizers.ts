import type { NamedTensorMap, Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";
import { LazyBackend } from "./lazy-backend.js";

type Minimize = (f: () => Scalar, returnCost?: boolean, variables?: Variable[]) => Scalar | null;
type Gradients = NamedTensorMap | { name: string; tensor: Tensor | null }[];

interface Slot {
  originalName: string;
  variable: Variable;
}

interface Optimizer {
  minimize: Minimize;
  incrementIterations(): void;
  getClassName(): string;
}

/** Adam as adapted below; SGD and momentum keep their learning rate in a tensor and free it when it changes. */
const settingsAreTensors = new Set(["Adam", "AdamW", "SGD", "Momentum"]);

/** The fields of TensorFlow.js's AdamOptimizer that its update reads and writes. */
interface Adam {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  accBeta1: Variable;
  accBeta2: Variable;
  accumulatedFirstMoment: Slot[];
  accumulatedSecondMoment: Slot[];
  incrementIterations(): void;
  applyGradients(gradients: Gradients): void;
}

const patched = new WeakSet<object>();

/**
 * Two habits of TensorFlow.js's optimizers on the lazy backend. A step is computed when `minimize` ends: then the
 * gradients are freed and only the new weights are wanted. And Adam, some eighteen kernels a variable upstream, is one
 * kernel for all variables; its formula, state and checkpoints stay upstream's. Other backends keep upstream's code.
 */
export function adaptOptimizers(tf: TensorFlow): void {
  if (patched.has(tf)) return;
  patched.add(tf);
  const lazyBackend = (): LazyBackend | undefined => {
    const backend: unknown = tf.backend();
    return backend instanceof LazyBackend ? backend : undefined;
  };

  const optimizer = tf.Optimizer.prototype as unknown as Optimizer;
  const { minimize, incrementIterations } = optimizer;
  optimizer.minimize = function (this: Optimizer, ...given: Parameters<Minimize>) {
    const cost = minimize.apply(this, given);
    lazyBackend()?.endStep();
    return cost;
  };
  // Every applyGradients ends here. A replayed step counts too; one whose optimizer turns its settings into new
  // tensors each time is not replayed, since a changed setting would go unnoticed.
  optimizer.incrementIterations = function (this: Optimizer) {
    incrementIterations.call(this);
    const capture = lazyBackend()?.capture;
    capture?.hooks.push(() => incrementIterations.call(this));
    if (!settingsAreTensors.has(this.getClassName()))
      capture?.spoil(`the optimizer ${this.getClassName()} keeps its settings in JavaScript`);
  };

  const adam = tf.AdamOptimizer.prototype as unknown as Adam;
  const { applyGradients } = adam;
  adam.applyGradients = function (this: Adam, gradients: Gradients) {
    const lazy = lazyBackend();
    if (lazy === undefined) return applyGradients.call(this, gradients);
    const variables = tf.engine().registeredVariables;
    const named = Array.isArray(gradients) ? gradients : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    tf.tidy(() => {
      for (const [i, { name }] of named.entries()) {
        this.accumulatedFirstMoment[i] ??= { originalName: `${name}/m`, variable: lazy.zeros(tf, variables[name].shape).variable(false) };
        this.accumulatedSecondMoment[i] ??= { originalName: `${name}/v`, variable: lazy.zeros(tf, variables[name].shape).variable(false) };
      }
      const present = named.flatMap(({ tensor }, i) => (tensor === null || tensor === undefined ? [] : [i]));
      const weights = present.map((i) => variables[named[i].name]);
      const first = present.map((i) => this.accumulatedFirstMoment[i].variable);
      const second = present.map((i) => this.accumulatedSecondMoment[i].variable);
      // Numbers that every step changes are inputs from the first step on, so that it has the graph of all others.
      for (const variable of [this.accBeta1, this.accBeta2, ...weights, ...first, ...second]) lazy.value(variable.dataId).constant = false;
      const rate = tf.scalar(this.learningRate);
      lazy.makeLive(rate.dataId, () => this.learningRate);
      const operands = [rate, this.accBeta1, this.accBeta2, ...weights, ...first, ...second, ...present.map((i) => named[i].tensor!)];
      const attrs = { count: present.length, beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
      const updated = tf.engine().runKernel("FolioAdam", operands as unknown as NamedTensorMap, attrs) as unknown as Tensor[];
      for (const [at, variable] of [...weights, ...first, ...second].entries()) variable.assign(updated[at]);
      this.accBeta1.assign(tf.mul(this.accBeta1, this.beta1));
      this.accBeta2.assign(tf.mul(this.accBeta2, this.beta2));
    });
    this.incrementIterations();
  };
}
