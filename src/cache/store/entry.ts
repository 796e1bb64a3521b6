import { sha256 } from "../../core/index.js";

/** What something depends on, by name, each as text or a content hash: `{ seed: "1", "code src/nn/adam.ts": "9f…" }`. */
export type Ingredients = Readonly<Record<string, string>>;

/** Outputs that are kept under the key of everything they depend on. */
export interface Entry {
  readonly schema: "folio.cache/1";
  readonly key: string;
  /** What was made: `study five-papers 01-astra-quick-seed1`. One name has many entries in the course of time. */
  readonly name: string;
  readonly ingredients: Ingredients;
  readonly files: Readonly<Record<string, StoredFile>>;
  /** Whatever else is worth knowing: seconds, attempts. Not part of the key. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface StoredFile {
  readonly sha256: string;
  readonly bytes: number;
}

/** A content key: equal ingredients in any order give an equal key. */
export function contentKey(ingredients: Ingredients): string {
  return sha256(ingredients);
}

/** One ingredient that is not what it was. */
export interface Change {
  readonly ingredient: string;
  readonly how: "changed" | "new" | "gone";
  readonly before?: string;
  readonly now?: string;
}

/** What differs between two sets of ingredients, in alphabetical order. */
export function changes(before: Ingredients, now: Ingredients): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names
    .filter((name) => before[name] !== now[name])
    .map((ingredient) => ({
      ingredient,
      how: before[ingredient] === undefined ? "new" : now[ingredient] === undefined ? "gone" : "changed",
      ...(before[ingredient] !== undefined && { before: before[ingredient] }),
      ...(now[ingredient] !== undefined && { now: now[ingredient] }),
    }));
}
