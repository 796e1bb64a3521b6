import { InvalidValue } from "../core/index.js";

export interface DecibelOptions {
  /** The power that becomes 0 dB: a number (default 1), or `max` for the largest power given. */
  readonly ref?: number | "max";
  /** Smaller powers count as this one; 1e-10 unless given. */
  readonly amin?: number;
  /** How far below the loudest value the output may fall, dB; 80 unless given, `null` for no floor. */
  readonly topDb?: number | null;
}

/**
 * Power in decibels: 10·log10(max(amin, S)) − 10·log10(max(amin, ref)), then floored at (its maximum − topDb).
 * @example powerToDb(Float32Array.of(100, 1, 1e-12), { ref: "max" }) // [0, −20, −80]
 * @example powerToDb(new Float32Array(2), { ref: "max" })            // silence: [0, 0]
 * @see librosa.power_to_db 0.11
 */
export function powerToDb(
  power: Float32Array | Float64Array,
  { ref = 1, amin = 1e-10, topDb = 80 }: DecibelOptions = {},
): Float32Array {
  if (!(amin > 0)) throw new InvalidValue("powerToDb", "amin must be above 0", amin);
  if (topDb !== null && !(topDb >= 0))
    throw new InvalidValue("powerToDb", "topDb must be 0 or more, or null for no floor", topDb);
  if (ref !== "max" && !(ref > 0)) throw new InvalidValue("powerToDb", 'ref must be a power above 0 or "max"', ref);
  const loudest = Math.max(amin, largest(power));
  const zero = decibel(ref === "max" ? loudest : Math.max(amin, ref));
  const floor = topDb === null ? -Infinity : decibel(loudest) - zero - topDb;
  const db = new Float32Array(power.length);
  for (let i = 0; i < power.length; i++) db[i] = Math.max(floor, decibel(Math.max(amin, power[i])) - zero);
  return db;
}

/** Power and decibels are float32 in the reference, and pictures depend on which cells tie with the loudest one. */
const decibel = (power: number): number => Math.fround(10 * Math.log10(Math.fround(power)));

function largest(values: Float32Array | Float64Array): number {
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] > max) max = values[i];
  return max;
}
