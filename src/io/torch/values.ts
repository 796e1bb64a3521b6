import type { Dtype } from "../dtype.js";

/** Where a tensor's numbers lie: a run of them that several tensors may share. */
export interface TorchStorage {
  readonly kind: "storage";
  /** Its name in the file. */
  readonly key: string;
  /** Undefined: bytes whose type only the tensor tells. */
  readonly dtype: Dtype | undefined;
  /** In `dtype`, or in bytes where that is undefined. */
  readonly elements: number;
  /** Elements before the first, where it is a part of another one. */
  readonly offset: number;
}

/** A tensor as the file describes it; its numbers stay in the file. */
export interface TorchTensor {
  readonly kind: "tensor";
  readonly storage: TorchStorage;
  readonly dtype: Dtype;
  /** Elements from the start of the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** Elements from one index of an axis to the next. */
  readonly stride: readonly number[];
}

/** An object of a TorchScript class, or an array of NumPy: what it holds, without its class. */
export interface TorchObject {
  readonly kind: "object";
  state: TorchValue;
  /** What the pickle's state of it becomes; the state itself unless given. */
  readonly built?: (state: TorchValue) => TorchValue;
}

/** A name that a pickle may speak of, and what stands for it here. */
export interface TorchGlobal {
  readonly kind: "global";
  readonly name: string;
  /** What a call of it gives; undefined for what is no function. */
  readonly call?: (args: readonly TorchValue[], refuse: Refuse) => TorchValue;
  /** The number type it names, as `torch.float16` and `torch.HalfStorage` do. */
  readonly dtype?: Dtype;
  /** A storage class. */
  readonly storage?: boolean;
}

/** What a pickle of tensors can hold: lists and tuples are arrays, dicts are maps. */
export type TorchValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | TorchValue[]
  | Map<TorchValue, TorchValue>
  | TorchStorage
  | TorchTensor
  | TorchObject
  | TorchGlobal;

/** Makes the error for a pickle that contradicts itself, from what is wrong with it. */
export type Refuse = (problem: string) => Error;

export function isKind<K extends "storage" | "tensor" | "object" | "global">(
  value: TorchValue | undefined,
  kind: K,
): value is Extract<TorchValue, { kind: K }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}
