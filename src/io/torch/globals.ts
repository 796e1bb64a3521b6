import { BadFile } from "../../core/index.js";
import type { Dtype } from "../dtype.js";
import { unsupported } from "../problems.js";
import { numpyCalls, numpyDtype } from "./numpy.js";
import { tensorOf } from "./tensor.js";
import { isKind, type TorchGlobal, type TorchValue } from "./values.js";

const storages: Readonly<Record<string, Dtype | undefined>> = {
  FloatStorage: "float32",
  DoubleStorage: "float64",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
  UntypedStorage: undefined,
};

/** Names that hold no code: a class of number. */
const dtypes: Readonly<Record<string, Dtype>> = {
  float32: "float32", float: "float32", float64: "float64", double: "float64", float16: "float16", half: "float16", bfloat16: "bfloat16",
  uint8: "uint8", uint16: "uint16", uint32: "uint32", uint64: "uint64", int8: "int8", int16: "int16", short: "int16", int32: "int32",
  int: "int32", int64: "int64", long: "int64", bool: "bool",
}; // prettier-ignore

const first: NonNullable<TorchGlobal["call"]> = ([value], refuse) => {
  if (value === undefined) throw refuse("calls a builder without a value");
  return value;
};

const calls: Readonly<Record<string, TorchGlobal["call"]>> = {
  "collections.OrderedDict": ([pairs = []], refuse) => {
    if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2))
      throw refuse("builds a dict of what is no pairs");
    return new Map(pairs as [TorchValue, TorchValue][]);
  },
  "torch.Size": first,
  "torch.device": ([type, index = null], refuse) => {
    if (typeof type !== "string" || (index !== null && typeof index !== "number")) throw refuse("names a device wrongly");
    return index === null ? type : `${type}:${index}`;
  },
  "torch._utils._rebuild_tensor": (args, refuse) => tensorOf(args, refuse),
  "torch._utils._rebuild_tensor_v2": (args, refuse) => tensorOf(args, refuse),
  "torch._utils._rebuild_tensor_v3": (args, refuse) => tensorOf(args, refuse, args[6]),
  "torch._utils._rebuild_parameter": first,
  "torch._utils._rebuild_parameter_with_state": first,
  "torch.jit._pickle.build_intlist": first,
  "torch.jit._pickle.build_doublelist": first,
  "torch.jit._pickle.build_boollist": first,
  "torch.jit._pickle.build_tensorlist": first,
  "torch.jit._pickle.restore_type_tag": first,
  "numpy.dtype": numpyDtype,
  ...numpyCalls,
  // How Python 3 writes bytes at protocol 2: characters below 256.
  "_codecs.encode": ([text, encoding], refuse) => {
    if (typeof text !== "string" || encoding !== "latin1") throw refuse("encodes other than bytes");
    return new Uint8Array(Buffer.from(text, "latin1"));
  },
};

/**
 * What stands for a name a torch pickle speaks of; nothing is imported, and only builders of tensors and plain data exist.
 * @param script whether TorchScript classes may be named: their objects are kept as what they hold
 * @throws BadFile `refused-global` naming any other
 */
export function torchGlobal(module: string, name: string, file: string, script: boolean): TorchGlobal {
  const full = `${module}.${name}`;
  if (Object.hasOwn(calls, full)) return { kind: "global", name: full, call: calls[full] };
  if (full === "numpy.ndarray") return { kind: "global", name: full };
  if (/^torch(\.cuda|\.storage)?$/.test(module) && Object.hasOwn(storages, name))
    return { kind: "global", name: full, dtype: storages[name], storage: true };
  if (module === "torch" && Object.hasOwn(dtypes, name)) return { kind: "global", name: full, dtype: dtypes[name] };
  if (script && /^__torch__(\.|$)/.test(module))
    return { kind: "global", name: full, call: () => ({ kind: "object", state: new Map() }) };
  if (module === "torch" && /^\w+Storage$|^(complex|float8|q?u?int)\w*$/.test(name))
    throw unsupported(file, `holds numbers of type ${full}`, "Convert them to float32 in PyTorch and save again.");
  throw new BadFile(
    "refused-global",
    file,
    `asks for ${show(full)}, which is not plain data: a pickle that names it may run code when Python opens it`,
    "If you trust it, load it in PyTorch and save its state_dict() alone.",
  );
}

const show = (name: string): string => (/^[\w.<>]{1,120}$/.test(name) ? name : JSON.stringify(name.slice(0, 120)));

/** Keeps a storage of the pickle: `("storage", class, key, location, elements[, view])`. */
export function storageOf(id: TorchValue, refuse: (problem: string) => Error): TorchValue {
  if (!Array.isArray(id) || id[0] !== "storage") throw refuse("keeps something outside that is no storage");
  const [, type, key, , elements, view = null] = id;
  const known = isKind(type, "global") && type.storage === true;
  if (!known || typeof key !== "string" || !isCount(elements)) throw refuse("describes a storage wrongly");
  if (view === null) return { kind: "storage", key, dtype: type.dtype, elements, offset: 0 };
  const [, offset, length] = Array.isArray(view) ? view : [];
  if (!isCount(offset) || !isCount(length) || offset + length > elements)
    throw refuse("describes a part of a storage wrongly");
  return { kind: "storage", key, dtype: type.dtype, elements: length, offset };
}

function isCount(value: TorchValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
