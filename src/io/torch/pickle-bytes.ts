import { BadFile } from "../../core/index.js";
import { viewOf } from "../bytes.js";
import { corrupt } from "../problems.js";

/** Longest module or class name, in bytes. */
const longestLine = 1024;
/** Longest integer, in bytes; the format's own magic number has 10. */
const longestInteger = 1024;

/** Reads a pickle's numbers and texts one after the other; never beyond its end. */
export class PickleBytes {
  private readonly view: DataView;
  at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
  ) {
    this.view = viewOf(bytes);
  }

  /** Steps over `length` bytes that are there. @returns where they begin */
  private step(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start)
      throw new BadFile("truncated-file", this.file, "its pickle ends too early", "Copy it again from the source.");
    this.at += length;
    return start;
  }

  u8 = (): number => this.bytes[this.step(1)];
  u16 = (): number => this.view.getUint16(this.step(2), true);
  u32 = (): number => this.view.getUint32(this.step(4), true);
  i32 = (): number => this.view.getInt32(this.step(4), true);
  f64 = (): number => this.view.getFloat64(this.step(8));

  u64(): number {
    const value = this.view.getBigUint64(this.step(8), true);
    if (value > BigInt(this.bytes.length)) this.step(Infinity);
    return Number(value);
  }

  raw(length: number): Uint8Array {
    const start = this.step(length);
    return this.bytes.slice(start, start + length);
  }

  text(length: number): string {
    const start = this.step(length);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, length).toString("utf8");
  }

  /** To the next line feed, which is not part of it. */
  line(): string {
    const end = this.bytes.subarray(this.at, this.at + longestLine).indexOf(10);
    if (end < 0 && this.at + longestLine > this.bytes.length) this.step(Infinity);
    if (end < 0) throw corrupt(this.file, `its pickle has a name of more than ${longestLine} bytes`);
    const text = this.text(end);
    this.step(1);
    return text;
  }

  /** A signed integer of so many bytes, the lowest first; a bigint only where a number cannot hold it. */
  integer(length: number): number | bigint {
    if (length > longestInteger) throw corrupt(this.file, `its pickle has an integer of ${length} bytes`);
    if (length === 0) return 0;
    const digits = Buffer.from(this.raw(length)).reverse().toString("hex");
    const value = BigInt.asIntN(length * 8, BigInt(`0x${digits}`));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
}
