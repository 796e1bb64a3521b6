import type { Tensor, Variable } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";
import type { StepFunction, StepResult } from "../step.js";
import type { Capture } from "./capture.js";
import type { Computed, LazyBackend, NamedValue } from "./lazy-backend.js";
import { equal } from "./lowering/rule.js";
import type { Executable } from "./program.js";
import { Value } from "./value.js";

/** Where a graph's input comes from at the next call. */
type Source =
  | { readonly from: "variable"; readonly variable: Variable }
  | { readonly from: "argument"; readonly index: number }
  | { readonly from: "live"; readonly value: Value; readonly read: () => number }
  | { readonly from: "made"; readonly value: Value }
  | { readonly from: "outside"; readonly value: Value };

/** Where a graph's output goes. */
type Target = { readonly to: "variable"; readonly variable: Variable } | { readonly to: "result"; readonly index: number };

/** Everything needed to run a step again without running its JavaScript. */
interface Plan {
  readonly executable: Executable;
  readonly sources: readonly (Source & { readonly name: string })[];
  readonly targets: readonly (Target & { readonly name: string })[];
  /** Tensors from outside that are built into the graph: once freed, they have been replaced by others. */
  readonly watched: readonly Value[];
  readonly argumentsLike: readonly { readonly shape: readonly number[]; readonly dtype: string }[];
  /** `computed` is the shape the graph gives; a step may return a reshaped view of it. */
  readonly resultsLike: readonly { readonly shape: number[]; readonly computed: readonly number[]; readonly dtype: Value["dtype"] }[];
  readonly returnsList: boolean;
  /** The null or undefined that the step returned, if it did. */
  readonly nothing: readonly (null | undefined | void)[];
  readonly hooks: readonly (() => void)[];
}

/**
 * Makes a step that, once two calls in a row were recorded alike, feeds its graph directly: variables and arguments
 * in, variables and results out. A call that differs in shapes, or finds a variable shared or a captured tensor freed,
 * is recorded again. Steps that read tensors, draw numbers in JavaScript or leave tensors behind are always recorded.
 */
export function replayingStep<A extends Tensor[], R extends StepResult>(
  tf: TensorFlow,
  lazy: LazyBackend,
  f: StepFunction<A, R>,
): StepFunction<A, R> {
  let previous: Plan | undefined;
  let agreed: Plan | undefined;
  return (...given: A): R => {
    if (lazy.capture !== undefined) return f(...given); // inside another step
    if (agreed !== undefined) {
      const feeds = feedsOf(lazy, agreed, given);
      if (feeds !== undefined) return replay(tf, lazy, agreed, feeds) as R;
      agreed = previous = undefined;
    }
    const { result, plan } = record(tf, lazy, f, given);
    if (plan !== undefined && previous !== undefined && alike(previous, plan)) agreed = plan;
    previous = plan;
    return result;
  };
}

function record<A extends Tensor[], R extends StepResult>(
  tf: TensorFlow,
  lazy: LazyBackend,
  f: StepFunction<A, R>,
  given: A,
): { result: R; plan?: Plan } {
  const capture = lazy.beginCapture();
  const before = variableValues(tf, lazy);
  for (const value of [...before.keys(), ...given.map((argument) => lazy.value(argument.dataId))]) value.constant = false;
  let result: R;
  let computed: Computed | undefined;
  try {
    result = tf.tidy(() => f(...given) as Tensor) as R;
  } finally {
    computed = lazy.endCapture();
  }
  if (capture.spoiled !== undefined || computed === undefined) return { result };
  return { result, plan: planOf(lazy, computed, capture, before, variableValues(tf, lazy), given, result) };
}

function planOf(
  lazy: LazyBackend,
  { executable, recording }: Computed,
  capture: Capture,
  before: Map<Value, Variable>,
  after: Map<Value, Variable>,
  given: readonly Tensor[],
  result: StepResult,
): Plan | undefined {
  const argumentValues = given.map((argument) => lazy.value(argument.dataId));
  const results = [result ?? []].flat() as Tensor[];
  const resultValues = results.map((tensor) => lazy.value(tensor.dataId));
  const sources = executable.feeds.map(({ leaf, name }): Source & { name: string } => {
    const value = recording.leaves[leaf];
    const index = argumentValues.indexOf(value);
    if (index >= 0) return { name, from: "argument", index };
    const variable = before.get(value);
    if (variable !== undefined) return { name, from: "variable", variable };
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
    if (variable !== undefined) targets.push({ name, to: "variable", variable });
    else if (index >= 0) targets.push({ name, to: "result", index });
    else return undefined; // a tensor that outlives the step
    reached.add(index);
  }
  if (resultValues.some((_, index) => !reached.has(index))) return undefined; // a result that is no output: an argument handed back
  return {
    executable,
    sources,
    targets,
    watched: [...executable.builtIn.keys()].map((leaf) => recording.leaves[leaf]).filter((value) => !capture.made.has(value)),
    argumentsLike: given.map(({ shape, dtype }) => ({ shape, dtype })),
    resultsLike: results.map(({ shape, dtype }, i) => ({ shape, computed: resultValues[i].shape, dtype: dtype as Value["dtype"] })),
    returnsList: Array.isArray(result),
    nothing: result === null || result === undefined ? [result] : [],
    hooks: capture.hooks,
  };
}

/** Whether two calls did the same with the same things. */
function alike(a: Plan, b: Plan): boolean {
  if (a.executable !== b.executable || a.sources.length !== b.sources.length || a.targets.length !== b.targets.length) return false;
  const sameSources = a.sources.every((source, i) => {
    const other = b.sources[i];
    if (source.from !== other.from) return false;
    if (source.from === "variable") return source.variable === (other as typeof source).variable;
    if (source.from === "argument") return source.index === (other as typeof source).index;
    if (source.from === "outside") return source.value === (other as typeof source).value;
    return source.from === "live" || sameNumbers(source.value, (other as typeof source).value);
  });
  return (
    sameSources &&
    a.targets.every((target, i) => {
      const other = b.targets[i];
      return target.to === "variable"
        ? other.to === "variable" && target.variable === other.variable
        : other.to === "result" && target.index === other.index;
    })
  );
}

function sameNumbers(a: Value, b: Value): boolean {
  return (
    a.data !== undefined &&
    b.data !== undefined &&
    a.data.length === b.data.length &&
    a.data.every((number, i) => Object.is(number, b.data![i]))
  );
}

/** The inputs of the next run, or undefined when this call is not like the recorded ones. */
function feedsOf(
  lazy: LazyBackend,
  { executable, sources, targets, watched, argumentsLike }: Plan,
  given: readonly Tensor[],
): NamedValue[] | undefined {
  if (given.length !== argumentsLike.length || !executable.program.holds(executable)) return undefined;
  if (!given.every(({ shape, dtype }, i) => dtype === argumentsLike[i].dtype && equal(shape, argumentsLike[i].shape))) return undefined;
  if (watched.some((value) => value.refs === 0)) return undefined;
  for (const target of targets) {
    if (target.to === "variable" && (target.variable.isDisposed || lazy.value(target.variable.dataId).refs > 1)) return undefined;
  }
  const feeds: NamedValue[] = [];
  for (const source of sources) {
    const { name } = source;
    if (source.from === "variable" && source.variable.isDisposed) return undefined;
    if (source.from === "outside" && source.value.refs === 0) return undefined;
    const value =
      source.from === "variable"
        ? lazy.value(source.variable.dataId)
        : source.from === "argument"
          ? lazy.value(given[source.index].dataId)
          : source.value;
    if (source.from === "live") value.data![0] = source.read();
    lazy.numbers(value);
    if (source.from === "argument" && !equal(value.shape, given[source.index].shape)) return undefined; // a reshaped view
    feeds.push({ name, value });
  }
  return feeds;
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
