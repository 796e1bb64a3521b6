import type { KernelFunc, NamedAttrMap, TensorInfo } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";
import { einsumKernel } from "../ops/einsum.js";
import type { LazyBackend } from "./lazy-backend.js";
import { sizeOf, type Rule, type Rules, type Spec } from "./lowering/rule.js";

type Inputs = Record<string, TensorInfo | undefined> | TensorInfo[];

interface Call {
  readonly inputs: Inputs;
  readonly attrs?: NamedAttrMap;
}

/** Registers every kernel of TensorFlow.js for the lazy backend: a view, a recorded rule, or the plain JavaScript kernel. */
export function registerLazyKernels(tf: TensorFlow, backendName: string, backend: () => LazyBackend, rules: Rules): void {
  const names = new Set([...tf.getKernelsForBackend("cpu").map((kernel) => kernel.kernelName), ...Object.keys(rules)]);
  const views = viewKernels(tf, backend);
  if (!tf.getKernel("Einsum", backendName)) tf.registerKernel(einsumKernel(tf, backendName));
  for (const kernelName of names) {
    if (tf.getKernel(kernelName, backendName)) continue;
    const elsewhere = plainKernel(tf, kernelName, backend);
    const kernel = views[kernelName] ?? (rules[kernelName] ? recorded(kernelName, rules[kernelName], backend, elsewhere) : elsewhere);
    tf.registerKernel({ kernelName, backendName, kernelFunc: kernel as unknown as KernelFunc });
  }
}

type Kernel = (call: Call) => TensorInfo | TensorInfo[];

/** Kernels that give a list also when it holds one tensor. */
const listKernels = new Set(["SplitV", "Unpack", "FolioAdam"]);

function recorded(name: string, rule: Rule, backend: () => LazyBackend, elsewhere: Kernel): Kernel {
  return (call) => {
    const { inputs } = call;
    const operands =
      rule.operands === "all"
        ? Object.values(inputs)
        : rule.operands.map((operand) => (inputs as Record<string, TensorInfo>)[operand] ?? undefined);
    const attrs = call.attrs ?? {};
    if (name === "Cast" && operands[0]!.dtype === attrs.dtype) return view(backend(), operands[0]!, operands[0]!.shape);
    const computable = operands.every((operand) => operand === undefined || isComputable(operand));
    const resultless = attrs.dtype === "complex64" || attrs.dtype === "string";
    if (!computable || resultless || rule.accepts?.(operands as (Spec | undefined)[], attrs) === false) return elsewhere(call);
    const outputs = backend().record(name, rule, operands, attrs);
    return outputs.length === 1 && !listKernels.has(name) ? outputs[0] : outputs;
  };
}

/** ONNX Runtime has no strings or complex numbers for us, and its operators differ on tensors without elements. */
function isComputable({ dtype, shape }: TensorInfo): boolean {
  return dtype !== "complex64" && dtype !== "string" && sizeOf(shape) > 0;
}

/** Kernels that only look at the same data in another shape. */
function viewKernels(tf: TensorFlow, backend: () => LazyBackend): Record<string, Kernel> {
  const named = (inputs: Inputs, name: string): TensorInfo => (inputs as Record<string, TensorInfo>)[name];
  return {
    Identity: ({ inputs }) => view(backend(), named(inputs, "x"), named(inputs, "x").shape),
    Reshape: ({ inputs, attrs }) => {
      const x = named(inputs, "x");
      const shape = tf.util.inferFromImplicitShape(attrs!.shape as number[], sizeOf(x.shape));
      tf.util.assert(
        sizeOf(shape) === sizeOf(x.shape),
        () => `reshape: [${x.shape.join()}] and [${shape.join()}] differ in their number of elements.`,
      );
      return view(backend(), x, shape);
    },
    ExpandDims: ({ inputs, attrs }) => {
      const x = named(inputs, "input");
      const dim = attrs!.dim as number;
      return view(backend(), x, x.shape.toSpliced(dim < 0 ? dim + x.shape.length + 1 : dim, 0, 1));
    },
  };
}

function view(backend: LazyBackend, x: TensorInfo, shape: number[]): TensorInfo {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape, dtype: x.dtype };
}

interface PlainBackend {
  write(values: unknown, shape: readonly number[], dtype: string): object;
  readSync(dataId: object): Float32Array;
  disposeData(dataId: object): boolean;
}

/** Computes what is recorded, then runs TensorFlow.js's own JavaScript kernel on the numbers, and counts it. */
function plainKernel(tf: TensorFlow, name: string, backend: () => LazyBackend): Kernel {
  return ({ inputs, attrs }) => {
    const lazy = backend();
    const cpu = tf.findBackend("cpu") as unknown as PlainBackend;
    const run = (kernelName: string, given: Inputs, attributes?: NamedAttrMap) =>
      tf.getKernel(kernelName, "cpu").kernelFunc({ inputs: given as Record<string, TensorInfo>, attrs: attributes, backend: cpu });
    const temporary: object[] = [];
    const keep = (info: TensorInfo): TensorInfo => {
      temporary.push(info.dataId);
      return info;
    };
    const write = (values: unknown, shape: number[], dtype: TensorInfo["dtype"]): TensorInfo =>
      keep({ dataId: cpu.write(values, shape, dtype), shape, dtype });
    const lend = (tensor: TensorInfo): TensorInfo => {
      const values = lazy.isForeign(tensor.dataId) ? lazy.readSync(tensor.dataId) : lazy.numbers(lazy.value(tensor.dataId));
      if (tensor.dtype !== "complex64") return write(values, tensor.shape, tensor.dtype);
      const { real, imag } = tf.backend_util.splitRealAndImagArrays(values as Float32Array);
      return keep(run("Complex", { real: write(real, tensor.shape, "float32"), imag: write(imag, tensor.shape, "float32") }) as TensorInfo);
    };
    const bring = ({ dataId, shape, dtype }: TensorInfo): TensorInfo => ({
      dataId: lazy.write(cpu.readSync(dataId), shape, dtype),
      shape,
      dtype,
    });

    // Without inputs it is a constant that JavaScript makes (Range), and nothing is computed for it.
    if (Object.keys(inputs).length > 0) lazy.elsewhere.set(name, (lazy.elsewhere.get(name) ?? 0) + 1);
    const lent = Array.isArray(inputs)
      ? inputs.map(lend)
      : Object.fromEntries(Object.entries(inputs).map(([key, tensor]) => [key, tensor ? lend(tensor) : tensor]));
    const results = run(name, lent as Inputs, attrs);
    const brought = Array.isArray(results) ? results.map(bring) : bring(results);
    for (const result of [results].flat()) temporary.push(result.dataId);
    for (const dataId of new Set(temporary)) cpu.disposeData(dataId);
    return brought;
  };
}
