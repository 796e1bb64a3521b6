import { isKind, type Refuse, type TorchGlobal, type TorchObject, type TorchValue } from "./values.js";

/** Small arrays that training code keeps beside its tensors; larger ones belong in a tensor. */
const mostElements = 1_000_000;

type Read = (view: DataView, at: number) => number | bigint;

/** By NumPy's code, least byte first. */
const readers: Readonly<Record<string, readonly [bytes: number, read: Read]>> = {
  f4: [4, (view, at) => view.getFloat32(at, true)], f8: [8, (view, at) => view.getFloat64(at, true)],
  i1: [1, (view, at) => view.getInt8(at)], i2: [2, (view, at) => view.getInt16(at, true)], i4: [4, (view, at) => view.getInt32(at, true)], i8: [8, (view, at) => view.getBigInt64(at, true)],
  u1: [1, (view, at) => view.getUint8(at)], u2: [2, (view, at) => view.getUint16(at, true)], u4: [4, (view, at) => view.getUint32(at, true)], u8: [8, (view, at) => view.getBigUint64(at, true)],
  b1: [1, (view, at) => view.getUint8(at)],
};

/**
 * NumPy's arrays and scalars as their numbers, row by row: plain data, built here and not by NumPy. Arrays of objects are
 * refused, since those can hold anything.
 * @see numpy, core/src/multiarray/methods.c, array_reduce and array_setstate
 */
export const numpyCalls: Readonly<Record<string, TorchGlobal["call"]>> = Object.fromEntries(
  ["numpy.core.multiarray", "numpy._core.multiarray"].flatMap((module) => [
    [`${module}._reconstruct`, emptyArray],
    [`${module}.scalar`, ([type, bytes]: readonly TorchValue[], refuse: Refuse) => numbersOf(bytes, type, 1, refuse)[0]],
  ]),
);

/** `numpy.dtype("f8", …)`; its byte order comes with its state. */
export function numpyDtype([code]: readonly TorchValue[], refuse: Refuse): TorchValue {
  if (typeof code !== "string" || !Object.hasOwn(readers, code)) throw refuse(`holds a NumPy array of type ${typeof code === "string" ? code.slice(0, 20) : "?"}`);
  const type: TorchObject = {
    kind: "object",
    state: code,
    built: (state) => {
      const order = Array.isArray(state) ? state[1] : undefined;
      if (order !== "<" && order !== "|" && order !== "=") throw refuse("holds a NumPy array whose most significant byte comes first");
      return code;
    },
  };
  return type;
}

function emptyArray(_: readonly TorchValue[], refuse: Refuse): TorchValue {
  return { kind: "object", state: [], built: (state) => arrayOf(state, refuse) };
}

function arrayOf(state: TorchValue, refuse: Refuse): TorchValue {
  const [, shape, type, fortran, bytes] = Array.isArray(state) ? state : [];
  if (!Array.isArray(shape) || !shape.every((side) => typeof side === "number" && Number.isSafeInteger(side) && side >= 0)) throw refuse("describes a NumPy array wrongly");
  const count = (shape as number[]).reduce((product, side) => product * side, 1);
  if (fortran === true && shape.length > 1) throw refuse("holds a NumPy array column by column");
  return numbersOf(bytes, type, count, refuse);
}

function numbersOf(bytes: TorchValue | undefined, type: TorchValue | undefined, count: number, refuse: Refuse): TorchValue[] {
  if (!isKind(type, "object") || typeof type.state !== "string") throw refuse("holds a NumPy array without a type");
  const [size, read] = readers[type.state];
  if (count > mostElements) throw refuse(`holds a NumPy array of ${count} numbers, more than ${mostElements}`);
  if (!(bytes instanceof Uint8Array) || bytes.length !== count * size) throw refuse("holds a NumPy array of another length than its shape");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, i) => read(view, i * size));
}
