import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { BadFile } from "../core/index.js";
import { imageExtensions } from "./label-image.js";

/** The images below a folder by case name: the path from the folder without the extension, "/" between parts. */
export async function imagesByName(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((error: NodeJS.ErrnoException) => {
    const problem =
      error.code === "ENOTDIR" ? "is not a folder" : error.code === "ENOENT" ? "there is no such folder" : error.message;
    throw new BadFile(error.code === "ENOENT" ? "not-found" : "unreadable", folder, problem, "Check the path.", { cause: error });
  });
  const found = new Map<string, string>();
  for (const entry of entries.toSorted((a, b) => (join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1))) {
    const extension = imageExtensions.find((end) => entry.name.toLowerCase().endsWith(end));
    if (!entry.isFile() || extension === undefined || entry.name.startsWith(".")) continue;
    const file = join(entry.parentPath, entry.name);
    const name = relative(folder, file).replaceAll("\\", "/").slice(0, -extension.length);
    const before = found.get(name);
    if (before !== undefined) throw new BadFile("duplicate-case", file, `is the same case as ${before}`, "Keep one of them.");
    found.set(name, file);
  }
  if (found.size === 0) throw new BadFile("empty", folder, "holds no images", `Files must end in ${imageExtensions.join(", ")}.`);
  return found;
}

/** A case with its files. */
export interface ImagePair {
  readonly name: string;
  readonly prediction: string;
  readonly truth: string;
}

/**
 * Predictions and truths matched by name.
 * @param missing `error` (default) when a truth has no prediction, or `exclude` to leave the case out and list it
 * @throws BadFile `missing-pair`, naming the file that stands alone
 */
export async function pairImages(
  predictions: string,
  truths: string,
  missing: "error" | "exclude" = "error",
): Promise<{ pairs: ImagePair[]; withoutPrediction: string[] }> {
  const [ours, theirs] = [await imagesByName(predictions), await imagesByName(truths)];
  const stray = [...ours].find(([name]) => !theirs.has(name));
  if (stray)
    throw new BadFile("missing-pair", stray[1], `has no truth named ${stray[0]} in ${truths}`, "Give both files the same name.");
  const alone = [...theirs].filter(([name]) => !ours.has(name));
  if (alone.length > 0 && missing === "error") {
    const others = alone.length > 1 ? ` (nor have ${alone.length - 1} more)` : "";
    const problem = `has no prediction named ${alone[0][0]} in ${predictions}${others}`;
    throw new BadFile("missing-pair", alone[0][1], problem, "Add it, or leave such cases out with --missing exclude.");
  }
  const pairs = [...ours].map(([name, prediction]) => ({ name, prediction, truth: theirs.get(name) ?? "" }));
  return { pairs, withoutPrediction: alone.map(([name]) => name) };
}
