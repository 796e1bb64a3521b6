import { join } from "node:path";
import type ts from "typescript";
import { declaredNames } from "./declared.js";

/** A cell as the type checker sees it: a module that imports what earlier cells declared and exports what it declares. */
export interface VirtualCell {
  readonly path: string;
  readonly text: string;
  /** Where the cell's own text begins in `text`, on the first line. */
  readonly offset: number;
  readonly version: number;
}

/**
 * The cells of a notebook as one module each in the notebook's folder. A name means the cell that declared it last, so redeclaring
 * one in a later cell is no error, and only cells that changed are checked anew. A cell imports the names that its text mentions, so
 * that a notebook of many cells costs no more than what they have to do with each other.
 */
export class VirtualCells {
  readonly #typescript: typeof ts;
  readonly #folder: string;
  readonly #files = new Map<string, VirtualCell>();
  readonly #owner = new Map<string, string>();
  #version = 0;

  constructor(typescript: typeof ts, folder: string) {
    this.#typescript = typescript;
    this.#folder = folder;
  }

  file(path: string): VirtualCell | undefined {
    return this.#files.get(path);
  }

  /** A cell that ran: later cells see its names. */
  add(cell: number, source: string): void {
    const name = `folio-cell-${cell < 0 ? `silent-${-cell}` : cell}`;
    for (const declared of this.#write(name, source, "mentioned")) this.#owner.set(declared, name);
  }

  /**
   * The cell being written: sees what ran, is seen by none.
   * @param sees `all` where a name is about to be typed
   */
  draft(source: string, sees: "all" | "mentioned" = "mentioned"): VirtualCell {
    this.#write("folio-draft", source, sees);
    return this.#files.get(join(this.#folder, "folio-draft.ts"))!;
  }

  #write(name: string, source: string, sees: "all" | "mentioned"): Set<string> {
    const path = join(this.#folder, `${name}.ts`);
    const declared = declaredNames(this.#typescript, source);
    const mentioned = new Set(source.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
    const byCell = new Map<string, string[]>();
    for (const [known, owner] of this.#owner)
      if (!declared.has(known) && owner !== name && (sees === "all" || mentioned.has(known))) byCell.set(owner, [...(byCell.get(owner) ?? []), known]);
    const imports = [...byCell].map(([owner, names]) => `import { ${names.join(", ")} } from "./${owner}";`).join(" ");
    const body = source.replaceAll(/^([^\S\n]*)%(?=%?\w)/gm, (_, indent: string) => `${indent}//`);
    const ending = name !== "folio-draft" && declared.size > 0 ? `\nexport { ${[...declared].join(", ")} };` : "\nexport {};";
    const text = imports + body.replaceAll(/^export (?=(default )?\w)/gm, "       ") + ending;
    const before = this.#files.get(path);
    if (before?.text !== text) this.#files.set(path, { path, text, offset: imports.length, version: ++this.#version });
    return declared;
  }
}
