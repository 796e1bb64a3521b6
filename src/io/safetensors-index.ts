import { dirname, join } from "node:path";
import { BadFile } from "../core/index.js";
import { readBytes, type ReadLimits } from "./bytes.js";
import { badHeader } from "./problems.js";
import type { Tensor } from "./safetensors.js";
import type { TensorFile } from "./tensor-file.js";

/** Longest index that is read. */
const longestIndex = 2 ** 26;

/**
 * Opens the tensors that an index file (`model.safetensors.index.json`, `pytorch_model.bin.index.json`) lays out over
 * several files beside it, as one.
 * @param openShard opens one of the files
 * @throws BadFile `bad-header` for an index that is none, or that names a file outside its folder; `not-found` for a file that is not
 *   beside it; `missing-tensor`
 */
export async function openShards(
  path: string,
  openShard: (path: string) => Promise<TensorFile>,
  limits: ReadLimits = {},
): Promise<TensorFile> {
  const places = weightMap(
    await readBytes(path, { maxBytes: Math.min(longestIndex, limits.maxBytes ?? longestIndex) }),
    path,
  );
  const shards = new Map<string, TensorFile>();
  for (const file of new Set(places.values())) {
    const shard = await openShard(join(dirname(path), file)).catch((error: unknown) => {
      if (!(error instanceof BadFile) || error.code !== "not-found") throw error;
      throw new BadFile("not-found", path, `lists ${file}, which is not beside it`, "Put all files of the download into one folder.", { cause: error });
    });
    shards.set(file, shard);
  }
  const infos = new Map(
    [...shards].map(([file, { tensors }]) => [file, new Map(tensors.map((tensor) => [tensor.name, tensor]))]),
  );
  const tensors = [...places].map(([name, file]) => {
    const info = infos.get(file)!.get(name);
    if (info === undefined)
      throw new BadFile(
        "missing-tensor",
        path,
        `says that ${file} holds ${JSON.stringify(name.slice(0, 80))}, which it does not`,
        "Take all files of one download.",
      );
    return info;
  });
  const read = async (name: string): Promise<Tensor> => {
    const file = places.get(name);
    if (file === undefined)
      throw new BadFile(
        "no-such-tensor",
        path,
        `has no tensor ${JSON.stringify(name.slice(0, 80))}`,
        "folio weights inspect lists them.",
      );
    return shards.get(file)!.read(name);
  };
  const all = [...shards.values()];
  return {
    format: "index",
    tensors,
    values: new Map(all.flatMap(({ values }) => [...values])),
    shared: all.flatMap(({ shared }) => shared),
    read,
  };
}

function weightMap(bytes: Uint8Array, path: string): Map<string, string> {
  let index: unknown;
  try {
    index = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw badHeader(path, "is not JSON", "Give the .index.json that came with the files.");
  }
  const map = typeof index === "object" && index !== null && "weight_map" in index ? index.weight_map : undefined;
  if (typeof map !== "object" || map === null || Array.isArray(map))
    throw badHeader(path, "has no weight_map", "Give the .index.json that came with the files.");
  for (const [name, file] of Object.entries(map)) {
    // A file beside the index and no other: an index from outside must not make us read elsewhere.
    if (typeof file !== "string" || !/^[\w.-]+$/.test(file) || /^\.+$/.test(file) || file.endsWith(".json"))
      throw badHeader(
        path,
        `names the file ${JSON.stringify(file)?.slice(0, 80)} for ${JSON.stringify(name.slice(0, 80))}, which is not a name in its folder`,
      );
  }
  return new Map(Object.entries(map as Record<string, string>));
}
