/** A pair of files relative to the data folder, in the order in which they are tried. */
export interface PairCandidate {
  readonly image: string;
  readonly mask: string;
}

/** What a table's row says about its files. */
export interface PathFields {
  readonly image_path: string;
  readonly image_name: string;
  readonly split: string;
  readonly mask_path?: string;
}

const extensions = ["png", "jpg", "jpeg", "bmp", "tif"] as const;

/** `\` becomes `/`; undefined for a path that is absolute or climbs out of the data folder. */
export function safePath(path: string): string | undefined {
  const plain = path.trim().replaceAll("\\", "/").replace(/^\.\//, "");
  const outside = plain.startsWith("/") || /^[a-z]:/i.test(plain) || plain.split("/").includes("..");
  return outside || plain === "" ? undefined : plain;
}

/**
 * Where a row's picture and mask may lie. In the published tables `image_path` holds the **mask**; the picture is its twin in
 * `…_images/`, for ISIC without `_Segmentation` and as JPEG. Taking `image_path` for the picture trains on the truth.
 *
 * @returns pairs of safe relative paths; none when the row's own path is not safe
 * @example pairCandidates({ image_path: "polyp_endoscopy/test_masks/1.png", image_name: "1.png", split: "test" })[0].image // "polyp_endoscopy/test_images/1.png"
 * @see PRS-Med spec §2.5, rules 2–4
 */
export function pairCandidates(fields: PathFields): PairCandidate[] {
  const path = safePath(fields.image_path);
  if (path === undefined) return [];
  const given = fields.mask_path ? safePath(fields.mask_path) : undefined;
  if (given !== undefined) return [{ image: path, mask: given }, ...twins(given, "_masks/", "_images/").map((image) => ({ image, mask: given }))];
  if (path.includes("_masks/")) return [...twins(path, "_masks/", "_images/").map((image) => ({ image, mask: path })), ...byName(path, fields)];
  return [...twins(path, "_images/", "_masks/").map((mask) => ({ image: path, mask })), ...byName(path, fields)];
}

function byName(path: string, { split, image_name }: PathFields): PairCandidate[] {
  const task = path.split("/")[0];
  const name = safePath(image_name);
  if (name === undefined) return [];
  const mask = `${task}/${split}_masks/${name}`;
  return [...new Set([name, ...names(name)])].map((image) => ({ image: `${task}/${split}_images/${image}`, mask }));
}

/** The same file in the other folder, under every name it may have there. */
function twins(path: string, from: string, to: string): string[] {
  if (!path.includes(from)) return [];
  const other = path.replace(from, to);
  const at = other.lastIndexOf("/") + 1;
  return names(other.slice(at)).map((name) => other.slice(0, at) + name);
}

/** The name itself; without `_Segmentation` and `_mask`, or with one of them added; each with every extension. */
function names(name: string): string[] {
  const dot = name.lastIndexOf(".");
  const [stem, extension] = dot > 0 && extensions.includes(name.slice(dot + 1).toLowerCase() as "png") ? [name.slice(0, dot), name.slice(dot + 1)] : [name, ""];
  const bare = stem.replace(/_(Segmentation|mask)$/i, "");
  const stems = [...new Set([stem, bare, `${bare}_Segmentation`, `${bare}_mask`])];
  return [...new Set([name, ...stems.flatMap((each) => [extension, ...extensions].filter(Boolean).map((ending) => `${each}.${ending}`))])];
}
