import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BadFile } from "../../core/index.js";

/** The file in a data folder that says a generator of Folio made it. */
export const markFile = "GENERATED.json";

export interface GeneratedMark {
  readonly schema: "folio.generated/1";
  /** What a reader of the folder should know, in a sentence. */
  readonly note: string;
  readonly dataset: string;
  readonly preset: string;
  readonly seed: number;
  /** Raised whenever the same preset and seed would give other bytes. */
  readonly generatorVersion: number;
  /** False while files are still being written. */
  readonly complete: boolean;
  /** SHA-256 of every file by its path relative to the folder; empty until complete. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * The mark of a generated data folder, undefined when it has none.
 * @throws BadFile `bad-header` when GENERATED.json is not what the generator writes
 */
export async function readMark(root: string): Promise<GeneratedMark | undefined> {
  const path = join(root, markFile);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const mark = parse(text);
  if (mark?.schema === "folio.generated/1" && typeof mark.files === "object") return mark as GeneratedMark;
  throw new BadFile("bad-header", path, "is not the mark of generated data", "Delete the folder and make the data again.");
}

function parse(text: string): Partial<GeneratedMark> | undefined {
  try {
    return JSON.parse(text) as Partial<GeneratedMark>;
  } catch {
    return undefined;
  }
}
