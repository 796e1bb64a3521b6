import { Program } from "./program.js";
import type { Recording } from "./recording.js";

/** What is kept at most, of what a training run needs two or three. */
export interface ProgramLimits {
  readonly programs: number;
  /** Working memory of all sessions together, in bytes. */
  readonly bytes: number;
}


/**
 * The programs seen so far, the least recently used dropped first. Each holds an ONNX Runtime session with its own
 * working memory, so their number and their estimated memory are limited.
 */
export class Programs {
  readonly #byHash = new Map<number, Program[]>();
  #count = 0;
  #bytes = 0;
  #clock = 0;

  /** @param weights `"fixed"` builds the weights of matrix products into the graphs */
  constructor(
    readonly limits: ProgramLimits,
    readonly weights: "fixed" | "variable" = "variable",
  ) {}

  get count(): number {
    return this.#count;
  }

  find(recording: Recording): Program {
    const bucket = this.#byHash.get(recording.hash) ?? [];
    let program = bucket.find((candidate) => candidate.matches(recording));
    if (program === undefined) {
      program = new Program(recording.key, recording, this.weights);
      this.#byHash.set(recording.hash, [...bucket, program]);
      this.#count++;
      this.#bytes += program.workingBytes;
      while (this.#count > 1 && (this.#count > this.limits.programs || this.#bytes > this.limits.bytes)) this.#dropOldest(program);
    }
    return program;
  }

  /** Notes that a program has run. */
  used(program: Program): void {
    program.usedAt = ++this.#clock;
  }

  dispose(): void {
    for (const bucket of this.#byHash.values()) for (const program of bucket) program.dispose();
    this.#byHash.clear();
    this.#count = this.#bytes = 0;
  }

  #dropOldest(keep: Program): void {
    let oldest: { hash: number; program: Program } | undefined;
    for (const [hash, bucket] of this.#byHash) {
      for (const program of bucket) {
        if (program !== keep && (oldest === undefined || program.usedAt < oldest.program.usedAt)) oldest = { hash, program };
      }
    }
    if (oldest === undefined) return;
    oldest.program.dispose();
    const rest = this.#byHash.get(oldest.hash)!.filter((program) => program !== oldest.program);
    if (rest.length === 0) this.#byHash.delete(oldest.hash);
    else this.#byHash.set(oldest.hash, rest);
    this.#count--;
    this.#bytes -= oldest.program.workingBytes;
  }
}
