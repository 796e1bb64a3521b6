import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { murmur2 } from "./murmur2.js";

/**
 * The names by which a debugger and a front end speak of cells: a path made of a hash of the cell's text, which both compute. No
 * such file is written.
 */
export class CellSources {
  readonly #texts = new Map<string, string>();
  readonly #pathOfCell = new Map<number, string>();
  readonly naming = {
    hashMethod: "Murmur2",
    hashSeed: 0xf0110,
    tmpFilePrefix: join(tmpdir(), `folio-${process.pid}`) + sep,
    tmpFileSuffix: ".ts",
  } as const;

  /** The path of a cell's text, which is kept. */
  add(code: string): string {
    const { hashSeed, tmpFilePrefix, tmpFileSuffix } = this.naming;
    const path = `${tmpFilePrefix}${murmur2(code, hashSeed)}${tmpFileSuffix}`;
    this.#texts.set(path, code);
    return path;
  }

  /** Tells that a cell's text is about to run under this count. */
  runs(cell: number, code: string): void {
    this.#pathOfCell.set(cell, this.add(code));
  }

  pathOf(cell: number): string | undefined {
    return this.#pathOfCell.get(cell);
  }

  textOf(path: string): string | undefined {
    return this.#texts.get(path);
  }
}
