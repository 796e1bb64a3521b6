import { corrupt, unsupported } from "../problems.js";
import { PickleBytes } from "./pickle-bytes.js";
import { isKind, type Refuse, type TorchGlobal, type TorchValue } from "./values.js";

export interface PickleRules {
  /** What stands for a global; throws for one that is not allowed. */
  readonly global: (module: string, name: string) => TorchGlobal;
  /** What stands for something stored outside the pickle. */
  readonly persistent: (id: TorchValue, refuse: Refuse) => TorchValue;
}

/** The longest pickle that is read: names and shapes of a million tensors. */
export const longestPickle = 2 ** 25;
/** Lists, dicts, tuples and tensors in one pickle, and values it remembers. */
const mostContainers = 2_000_000;
const mostRemembered = 4_000_000;

/**
 * Unpickles protocols 2 to 5 without ever importing or calling anything: numbers, texts, lists, tuples, dicts, and what
 * `rules` make of the names it speaks of.
 *
 * @param bytes may go on behind the pickle
 * @returns the value, and how many bytes the pickle took
 * @throws BadFile `truncated-file`, `corrupt-data`, `unsupported`, and what the rules throw
 * @see Python, Lib/pickletools.py
 * @example unpickle(Buffer.from("\x80\x02K\x05.", "latin1"), "a.pt", rules) // { value: 5, length: 5 }
 */
export function unpickle(bytes: Uint8Array, file: string, rules: PickleRules): { value: TorchValue; length: number } {
  const machine = new Unpickler(bytes, file, rules);
  return { value: machine.run(), length: machine.input.at };
}

class Unpickler {
  readonly input: PickleBytes;
  private stack: TorchValue[] = [];
  /** The stacks below the open marks. */
  private readonly below: TorchValue[][] = [];
  private readonly memo = new Map<number, TorchValue>();
  private containers = 0;

  constructor(
    bytes: Uint8Array,
    private readonly file: string,
    private readonly rules: PickleRules,
  ) {
    this.input = new PickleBytes(bytes, file);
  }

  private readonly refuse: Refuse = (problem) => corrupt(this.file, `its pickle ${problem}`);

  run(): TorchValue {
    for (;;) {
      const opcode = this.input.u8();
      if (opcode === 0x2e) return this.pop(); // STOP
      const step = steps[opcode];
      if (step === undefined)
        throw unsupported(
          this.file,
          `its pickle has the instruction 0x${opcode.toString(16)}`,
          "Protocols 2 to 5 of plain data are read.",
        );
      step(this, this.input);
    }
  }

  push(value: TorchValue): void {
    this.stack.push(value);
  }

  pop(): TorchValue {
    const value = this.stack.pop();
    if (value === undefined) throw this.refuse("takes a value that is not there");
    return value;
  }

  top(): TorchValue {
    if (this.stack.length === 0) throw this.refuse("takes a value that is not there");
    return this.stack[this.stack.length - 1];
  }

  mark(): void {
    this.contain(this.stack);
    this.below.push(this.stack);
    this.stack = [];
  }

  /** What was pushed since the last mark. */
  popToMark(): TorchValue[] {
    const items = this.stack;
    const before = this.below.pop();
    if (before === undefined) throw this.refuse("takes a mark that is not there");
    this.stack = before;
    return items;
  }

  tuple(length: number): void {
    const items = Array.from({ length }, () => this.pop());
    this.push(this.contain(items.reverse()));
  }

  /** Counts a container against the limit. */
  contain<T>(value: T): T {
    if (++this.containers > mostContainers)
      throw unsupported(
        this.file,
        `its pickle holds more than ${mostContainers} lists, dicts and tensors`,
        "Save the state_dict alone.",
      );
    return value;
  }

  remember(index: number): void {
    if (this.memo.size >= mostRemembered) throw this.refuse(`remembers more than ${mostRemembered} values`);
    this.memo.set(index, this.top());
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.refuse("recalls a value it never kept");
    this.push(value);
  }

  append(items: readonly TorchValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.refuse("appends to what is no list");
    for (const item of items) list.push(item);
  }

  setItems(items: readonly TorchValue[]): void {
    const target = this.top();
    const map = isKind(target, "object") ? target.state : target;
    if (!(map instanceof Map) || items.length % 2 !== 0) throw this.refuse("sets items of what is no dict");
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  }

  global(module: string, name: string): void {
    this.push(this.rules.global(module, name));
  }

  /** Calls what is allowed to be called: a builder of tensors or plain data. */
  reduce(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!isKind(callee, "global") || callee.call === undefined || !Array.isArray(args))
      throw this.refuse(`calls ${isKind(callee, "global") ? callee.name : "what is no function"}`);
    this.push(this.contain(callee.call(args, this.refuse)));
  }

  /** State of an object: what a TorchScript object or a NumPy array holds; attributes of a dict (`_metadata`) are left out. */
  build(): void {
    const state = this.pop();
    const target = this.top();
    if (isKind(target, "object")) target.state = target.built ? target.built(state) : state;
    else if (!(target instanceof Map)) throw this.refuse("sets the state of plain data");
  }

  persistent(): void {
    this.push(this.contain(this.rules.persistent(this.pop(), this.refuse)));
  }

  stackGlobal(): void {
    const name = this.pop();
    const module = this.pop();
    if (typeof name !== "string" || typeof module !== "string") throw this.refuse("names a global without text");
    this.global(module, name);
  }

  dict(): void {
    const items = this.popToMark();
    this.push(this.contain(new Map<TorchValue, TorchValue>()));
    this.setItems(items);
  }

  protocol(version: number): void {
    if (version < 2 || version > 5)
      throw unsupported(this.file, `its pickle is of protocol ${version}`, "Protocols 2 to 5 are read.");
  }
}

type Step = (machine: Unpickler, input: PickleBytes) => void;

/** What each instruction does, by its byte. Not here: sets, text protocols 0 and 1, extension registries, buffers out of band. */
const steps: Readonly<Record<number, Step>> = {
  0x80: (m, input) => m.protocol(input.u8()), // PROTO
  0x95: (_, input) => void input.u64(), // FRAME: its length says nothing new
  0x28: (m) => m.mark(), // MARK
  0x30: (m) => void m.pop(), // POP
  0x31: (m) => void m.popToMark(), // POP_MARK
  0x32: (m) => m.push(m.top()), // DUP
  0x4e: (m) => m.push(null), // NONE
  0x88: (m) => m.push(true), // NEWTRUE
  0x89: (m) => m.push(false), // NEWFALSE
  0x4a: (m, input) => m.push(input.i32()), // BININT
  0x4b: (m, input) => m.push(input.u8()), // BININT1
  0x4d: (m, input) => m.push(input.u16()), // BININT2
  0x8a: (m, input) => m.push(input.integer(input.u8())), // LONG1
  0x8b: (m, input) => m.push(input.integer(input.u32())), // LONG4
  0x47: (m, input) => m.push(input.f64()), // BINFLOAT
  0x54: (m, input) => m.push(input.text(input.u32())), // BINSTRING
  0x55: (m, input) => m.push(input.text(input.u8())), // SHORT_BINSTRING
  0x58: (m, input) => m.push(input.text(input.u32())), // BINUNICODE
  0x8c: (m, input) => m.push(input.text(input.u8())), // SHORT_BINUNICODE
  0x8d: (m, input) => m.push(input.text(input.u64())), // BINUNICODE8
  0x42: (m, input) => m.push(m.contain(input.raw(input.u32()))), // BINBYTES
  0x43: (m, input) => m.push(m.contain(input.raw(input.u8()))), // SHORT_BINBYTES
  0x8e: (m, input) => m.push(m.contain(input.raw(input.u64()))), // BINBYTES8
  0x96: (m, input) => m.push(m.contain(input.raw(input.u64()))), // BYTEARRAY8
  0x5d: (m) => m.push(m.contain([])), // EMPTY_LIST
  0x61: (m) => m.append([m.pop()]), // APPEND
  0x65: (m) => m.append(m.popToMark()), // APPENDS
  0x6c: (m) => m.push(m.popToMark()), // LIST
  0x29: (m) => m.tuple(0), // EMPTY_TUPLE
  0x74: (m) => m.push(m.popToMark()), // TUPLE
  0x85: (m) => m.tuple(1), // TUPLE1
  0x86: (m) => m.tuple(2), // TUPLE2
  0x87: (m) => m.tuple(3), // TUPLE3
  0x7d: (m) => m.push(m.contain(new Map())), // EMPTY_DICT
  0x64: (m) => m.dict(), // DICT
  0x73: (m) => m.setItems([m.pop(), m.pop()].reverse()), // SETITEM
  0x75: (m) => m.setItems(m.popToMark()), // SETITEMS
  0x63: (m, input) => m.global(input.line(), input.line()), // GLOBAL
  0x93: (m) => m.stackGlobal(), // STACK_GLOBAL
  0x52: (m) => m.reduce(), // REDUCE
  0x81: (m) => m.reduce(), // NEWOBJ
  0x62: (m) => m.build(), // BUILD
  0x71: (m, input) => m.remember(input.u8()), // BINPUT
  0x72: (m, input) => m.remember(input.u32()), // LONG_BINPUT
  0x94: (m) => m.rememberNext(), // MEMOIZE
  0x68: (m, input) => m.recall(input.u8()), // BINGET
  0x6a: (m, input) => m.recall(input.u32()), // LONG_BINGET
  0x51: (m) => m.persistent(), // BINPERSID
};

/** Called before a pickle is read. @throws BadFile `unsupported` */
export function requirePickleWithin(file: string, bytes: number): void {
  if (bytes > longestPickle)
    throw unsupported(file, `has a pickle of ${bytes} bytes, more than ${longestPickle}`, "Save the state_dict alone.");
}
