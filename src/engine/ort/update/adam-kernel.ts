/**
 * Adam's update of `bytes` bytes of numbers in one pass over memory, four at a time: m ← β₁m + (1 − β₁)g,
 * v ← β₂v + (1 − β₂)g², w ← share · w − rate · m / (√v + guard). Addresses and `bytes` are multiples of 16.
 */
export type AdamKernel = (
  weights: number,
  first: number,
  second: number,
  gradients: number,
  bytes: number,
  beta1: number,
  rest1: number,
  beta2: number,
  rest2: number,
  rate: number,
  guard: number,
  share: number,
) => void;

// A WebAssembly module of one function, written as its bytes (WebAssembly core specification 2.0, §5): no compiler
// turns JavaScript arithmetic on Float32Array into vector instructions.
const [i32, f32, v128, none] = [0x7f, 0x7d, 0x7b, 0x40];
const vector = (code: number): number[] => [0xfd, ...unsigned(code)];
const load = [...vector(0x00), 4, 0]; // v128.load align=16
const store = [...vector(0x0b), 4, 0];
const splat = vector(0x13); // f32x4.splat
const [root, plus, minus, times, over] = [0xe3, 0xe4, 0xe5, 0xe6, 0xe7].map(vector); // f32x4 sqrt add sub mul div
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];

/** The kernel on a memory. */
export function adamKernel(memory: WebAssembly.Memory): AdamKernel {
  compiled ??= new WebAssembly.Module(moduleBytes());
  return new WebAssembly.Instance(compiled, { folio: { memory } }).exports.adam as AdamKernel;
}

let compiled: WebAssembly.Module | undefined;

function moduleBytes(): Uint8Array<ArrayBuffer> {
  // Parameters 0 to 11 in the order of AdamKernel, then the locals.
  const [weights, first, second, gradients, bytes] = [0, 1, 2, 3, 4];
  const parameters = [5, 6, 7, 8, 9, 10, 11]; // β₁, 1 − β₁, β₂, 1 − β₂, rate, guard, share
  const [beta1, rest1, beta2, rest2, rate, guard, share] = [12, 13, 14, 15, 16, 17, 18];
  const [g, m, v, end] = [19, 20, 21, 22];
  const code = [
    ...parameters.flatMap((parameter, i) => [...get(parameter), ...splat, ...set(beta1 + i)]),
    ...get(weights),
    ...get(bytes),
    0x6a,
    ...set(end), // end = weights + bytes
    0x03,
    none, // loop
    ...get(gradients),
    ...load,
    ...set(g),
    ...get(first), // address of the store below
    ...get(first),
    ...load,
    ...get(beta1),
    ...times,
    ...get(g),
    ...get(rest1),
    ...times,
    ...plus,
    ...tee(m),
    ...store,
    ...get(second),
    ...get(second),
    ...load,
    ...get(beta2),
    ...times,
    ...get(g),
    ...get(g),
    ...times,
    ...get(rest2),
    ...times,
    ...plus,
    ...tee(v),
    ...store,
    ...get(weights),
    ...get(weights),
    ...load,
    ...get(share),
    ...times,
    ...get(m),
    ...get(v),
    ...root,
    ...get(guard),
    ...plus,
    ...over,
    ...get(rate),
    ...times,
    ...minus,
    ...store,
    ...[weights, first, second, gradients].flatMap((address) => [...get(address), 0x41, 16, 0x6a, ...set(address)]), // += 16
    ...get(weights),
    ...get(end), 0x49, 0x0d, 0, // again while weights < end
    0x0b, // end of loop
    0x0b, // end of function
  ];
  const locals = [2, 10, v128, 1, i32]; // ten vectors, then `end`
  const body = [...locals, ...code];
  const magic = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]; // and version 1
  return Uint8Array.from([
    ...magic,
    ...section(1, [1, 0x60, ...list([i32, i32, i32, i32, i32, f32, f32, f32, f32, f32, f32, f32]), 0]),
    ...section(2, [1, ...text("folio"), ...text("memory"), 2, 0, 0]), // import a memory of any size
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("adam"), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

/** LEB128. */
function unsigned(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(value >>> 7)];
}

const list = (entries: readonly number[]): number[] => [...unsigned(entries.length), ...entries];
const text = (name: string): number[] => list([...Buffer.from(name)]);
const section = (id: number, content: readonly number[]): number[] => [id, ...list(content)];
