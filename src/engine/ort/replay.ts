import type { Tensor, Variable } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";
import type { StepFunction, StepResult } from "../step.js";
import type { Capture } from "./capture.js";
import type { Computed, LazyBackend, NamedValue } from "./lazy-backend.js";
import { equal } from "./lowering/rule.js";
import type { Executable } from "./program.js";
import { isAsPacked, type PackedWeight } from "./packable-weights.js";
import { Value } from "./value.js";

/** Where a graph's input comes from at the next call. */
type Source =
  | { readonly from: "variable"; readonly variable: Variable; readonly shape: readonly number[] }
  | { readonly from: "argument"; readonly index: number }
  | { readonly from: "live"; readonly value: Value; readonly read: () => number }
  | { readonly from: "made"; readonly value: Value }
  | { readonly from: "outside"; readonly value: Value };

/** Where a graph's output goes. */
type Target =
  | { readonly to: "variable"; readonly variable: Variable; readonly shape: readonly number[] }
  | { readonly to: "result"; readonly index: number };

/** Why a call is recorded and not replayed, as `describe()` counts it: "step recorded because …". */
type Reason = string;

/** Everything needed to run a step again without running its JavaScript. */
interface Plan {
  readonly executable: Executable;
  readonly sources: readonly (Source & { readonly name: string })[];
  readonly targets: readonly (Target & { readonly name: string })[];
  /** Weights built into the graph, and the variables that held them. */
  readonly packed: readonly (PackedWeight & { readonly variable?: Variable })[];
  /** Tensors from outside that are built into the graph: once freed, they have been replaced by others. */
  readonly watched: readonly Value[];
  /** `computed` is the shape the graph gives; a step may return a reshaped view of it. */
  readonly resultsLike: readonly { readonly shape: number[]; readonly computed: readonly number[]; readonly dtype: Value["dtype"] }[];
  readonly returnsList: boolean;
  /** The null or undefined that the step returned, if it did. */
  readonly nothing: readonly (null | undefined | void)[];
  readonly hooks: readonly (() => void)[];
}

/** What is known of the calls with arguments of certain shapes. */
interface Watched {
  /** Of the last recorded call. */
  readonly previous?: Plan;
  /** Of the last two, when they agree. */
  readonly agreed?: Plan;
  /** Why the next call is recorded. */
  readonly why: Reason;
}

const unseen: Watched = { why: "it has not been watched twice with arguments of these shapes" };
/** Shapes of arguments remembered at most: rounds of a dialogue that grow by a click each, in whole batches and in the last one of an epoch. */
const mostShapes = 32;

/**
 * Makes a step that, once two calls with arguments of the same shapes were recorded alike, feeds its graph directly:
 * variables and arguments in, variables and results out. A call that finds a variable shared or a captured tensor freed
 * is recorded again. Steps that read tensors, draw numbers in JavaScript or leave tensors behind are always recorded.
 * The backend counts what was recorded, and why.
 */
export function replayingStep<A extends Tensor[], R extends StepResult>(
  tf: TensorFlow,
  lazy: LazyBackend,
  f: StepFunction<A, R>,
): StepFunction<A, R> {
  const byShapes = new Map<string, Watched>();
  return (...given: A): R => {
    if (lazy.capture !== undefined) return f(...given); // inside another step
    if (given.some(({ dataId }) => lazy.isForeign(dataId))) {
      lazy.countRecordedStep("an argument holds text or complex numbers");
      return tf.tidy(() => f(...given) as Tensor) as R;
    }
    const shapes = given.map((x) => `${x.dtype}[${x.shape.join()}]${x instanceof tf.Variable ? x.name : ""}`).join();
    let watched = byShapes.get(shapes) ?? unseen;
    if (watched.agreed !== undefined) {
      const feeds = feedsOf(lazy, watched.agreed, given);
      if (typeof feeds !== "string") return replay(tf, lazy, watched.agreed, feeds) as R;
      watched = { why: feeds };
    }
    lazy.countRecordedStep(watched.why);
    byShapes.delete(shapes); // also when it throws
    const { result, plan } = record(tf, lazy, f, given);
    if (byShapes.size === mostShapes) byShapes.delete(byShapes.keys().next().value!);
    byShapes.set(shapes, watch(watched.previous, plan));
    return result;
  };
}

function watch(previous: Plan | undefined, plan: Plan | Reason): Watched {
  if (typeof plan === "string") return { why: plan };
  if (previous === undefined) return { ...unseen, previous: plan };
  const difference = differenceOf(previous, plan);
  return difference === undefined ? { ...unseen, agreed: plan } : { previous: plan, why: difference };
}

function record<A extends Tensor[], R extends StepResult>(
  tf: TensorFlow,
  lazy: LazyBackend,
  f: StepFunction<A, R>,
  given: A,
): { result: R; plan: Plan | Reason } {
  for (const { dataId } of given) lazy.numbers(lazy.value(dataId));
  const capture = lazy.beginCapture();
  const before = variableValues(tf, lazy);
  let argumentValues: readonly Value[] = [];
  let result: R;
  let computed: Computed | undefined;
  try {
    result = tf.tidy(() => {
      const seen = given.map((argument) => standIn(tf, lazy, argument)) as A;
      argumentValues = seen.map((argument) => lazy.value(argument.dataId));
      for (const value of [...before.keys(), ...argumentValues]) value.constant = false;
      return f(...seen) as Tensor;
    }) as R;
  } finally {
    computed = lazy.endCapture();
  }
  if (capture.spoiled !== undefined) return { result, plan: capture.spoiled };
  if (computed === undefined) return { result, plan: "it computes nothing" };
  return { result, plan: planOf(lazy, computed, capture, before, variableValues(tf, lazy), argumentValues, result) };
}

/**
 * An argument as a tensor of its own: what the graph makes of it depends neither on the shape its data was made in, nor on
 * whether the same tensor is given twice or used from outside, too. Variables stay what they are.
 */
function standIn(tf: TensorFlow, lazy: LazyBackend, argument: Tensor): Tensor {
  if (argument instanceof tf.Variable) return argument;
  const { shape } = argument;
  const value = new Value(shape, argument.dtype as Value["dtype"]);
  value.data = lazy.value(argument.dataId).data!.slice();
  return tf.engine().makeTensorFromTensorInfo({ ...lazy.publish(value), shape });
}

function planOf(
  lazy: LazyBackend,
  { executable, recording }: Computed,
  capture: Capture,
  before: Map<Value, Variable>,
  after: Map<Value, Variable>,
  argumentValues: readonly Value[],
  result: StepResult,
): Plan | Reason {
  const results = [result ?? []].flat() as Tensor[];
  const resultValues = results.map((tensor) => lazy.value(tensor.dataId));
  const sources = executable.feeds.map(({ leaf, name }): Source & { name: string } => {
    const value = recording.leaves[leaf];
    const variable = before.get(value);
    if (variable !== undefined) return { name, from: "variable", variable, shape: value.shape };
    const index = argumentValues.indexOf(value);
    if (index >= 0) return { name, from: "argument", index };
    const read = capture.live.get(value);
    if (read !== undefined) return { name, from: "live", value, read };
    return { name, from: capture.made.has(value) ? "made" : "outside", value };
  });
  const targets: (Target & { name: string })[] = [];
  const reached = new Set<number>();
  for (const { node, output, name } of executable.results) {
    const value = recording.nodes[node].outputs[output];
    const variable = after.get(value);
    const index = resultValues.indexOf(value);
    if (variable !== undefined) targets.push({ name, to: "variable", variable, shape: value.shape });
    else if (index >= 0) targets.push({ name, to: "result", index });
    else return "it keeps a tensor that it does not return";
    reached.add(index);
  }
  if (resultValues.some((_, index) => !reached.has(index))) return "it returns a tensor that it did not compute, or one twice";
  return {
    executable,
    sources,
    targets,
    packed: executable.packed.map((weight) => ({ ...weight, variable: before.get(weight.value) })),
    watched: [...executable.builtIn.keys()].map((leaf) => recording.leaves[leaf]).filter((value) => !capture.made.has(value)),
    resultsLike: results.map(({ shape, dtype }, i) => ({ shape, computed: resultValues[i].shape, dtype: dtype as Value["dtype"] })),
    returnsList: Array.isArray(result),
    nothing: result === null || result === undefined ? [result] : [],
    hooks: capture.hooks,
  };
}

/** How two calls differ; undefined when they did the same with the same things. */
function differenceOf(a: Plan, b: Plan): Reason | undefined {
  if (a.executable !== b.executable || a.sources.length !== b.sources.length || a.targets.length !== b.targets.length)
    return "its calls do not compute the same graph";
  for (const [i, source] of a.sources.entries()) {
    const other = b.sources[i];
    if (source.from !== other.from) return "the call before made what later ones use, such as an optimizer's moments";
    const otherThing =
      (source.from === "variable" && source.variable !== (other as typeof source).variable) ||
      (source.from === "argument" && source.index !== (other as typeof source).index) ||
      (source.from === "outside" && source.value !== (other as typeof source).value);
    if (otherThing) return "it uses other tensors from outside at every call";
    if (source.from === "made" && !sameNumbers(source.value, (other as typeof source).value))
      return "JavaScript made other numbers inside it (random draws must be arguments)";
  }
  const sameTargets = a.targets.every((target, i) => {
    const other = b.targets[i];
    return target.to === "variable"
      ? other.to === "variable" && target.variable === other.variable
      : other.to === "result" && target.index === other.index;
  });
  return sameTargets ? undefined : "it assigns other variables at every call";
}

function sameNumbers(a: Value, b: Value): boolean {
  return (
    a.data !== undefined &&
    b.data !== undefined &&
    a.data.length === b.data.length &&
    a.data.every((number, i) => Object.is(number, b.data![i]))
  );
}

/** The inputs of the next run, or why this call is not like the recorded ones. */
function feedsOf(lazy: LazyBackend, { executable, sources, targets, watched, packed }: Plan, given: readonly Tensor[]): NamedValue[] | Reason {
  if (!executable.program.holds(executable)) return "its graph was dropped for others";
  for (const { variable, ...weight } of packed) {
    const replaced = variable !== undefined && (variable.isDisposed || lazy.peek(variable.dataId) !== weight.value);
    if (replaced || !isAsPacked(weight)) return "a weight that is built in has changed";
  }
  if (watched.some((value) => value.refs === 0)) return "a tensor from outside was freed";
  for (const target of targets) {
    if (target.to !== "variable") continue;
    if (target.variable.isDisposed) return "a variable was freed";
    const { refs, shape } = lazy.value(target.variable.dataId);
    if (refs > 1) return "a copy of a variable is kept";
    if (!equal(shape, target.shape)) return reshapedVariable;
  }
  const feeds: NamedValue[] = [];
  for (const source of sources) {
    const { name } = source;
    if (source.from === "variable" && source.variable.isDisposed) return "a variable was freed";
    if (source.from === "outside" && source.value.refs === 0) return "a tensor from outside was freed";
    if (source.from === "live") source.value.data![0] = source.read();
    const value =
      source.from === "variable"
        ? lazy.value(source.variable.dataId)
        : source.from === "argument"
          ? asGiven(lazy, given[source.index])
          : source.value;
    lazy.settle(value);
    if (source.from === "variable" && !equal(value.shape, source.shape)) return reshapedVariable;
    feeds.push({ name, value });
  }
  return feeds;
}

const reshapedVariable = "a variable was assigned a reshaped tensor";

/** The value of an argument in the argument's shape, which a reshaped view does not share with its data. */
function asGiven(lazy: LazyBackend, { dataId, shape }: Tensor): Value {
  const value = lazy.value(dataId);
  if (equal(value.shape, shape)) return value;
  const seen = new Value(shape, value.dtype);
  lazy.settle(value);
  seen.data = value.data;
  seen.tensor = value.tensor && lazy.runtime.reshaped(value.tensor, shape);
  return seen;
}

function replay(tf: TensorFlow, lazy: LazyBackend, plan: Plan, feeds: readonly NamedValue[]): StepResult {
  lazy.flush();
  const fresh = plan.resultsLike.map(({ computed, dtype }) => new Value(computed, dtype));
  const results = plan.targets.map((target): NamedValue => ({
    name: target.name,
    value: target.to === "variable" ? lazy.value(target.variable.dataId) : fresh[target.index],
  }));
  lazy.run(plan.executable, feeds, results);
  lazy.counters.stepsReplayed++;
  for (const hook of plan.hooks) hook();
  const tensors = fresh.map((value, i) => tf.engine().makeTensorFromTensorInfo({ ...lazy.publish(value), shape: plan.resultsLike[i].shape }));
  return plan.nothing.length > 0 ? plan.nothing[0] : plan.returnsList ? tensors : tensors[0];
}

function variableValues(tf: TensorFlow, lazy: LazyBackend): Map<Value, Variable> {
  return new Map(
    Object.values(tf.engine().registeredVariables).flatMap((variable) => {
      const value = lazy.peek(variable.dataId);
      return value === undefined ? [] : [[value, variable] as const];
    }),
  );
}
