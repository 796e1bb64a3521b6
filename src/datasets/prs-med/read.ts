import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { readCsv } from "../../io/index.js";
import { readMark } from "../generated/mark.js";
import { pairCandidates, safePath } from "./paths.js";
import type { PrsDataset, PrsProblem, PrsRow, PrsSplit, RowKind } from "./row.js";
import { prsTask } from "./tasks.js";

const columns = ["image_path", "image_name", "question", "answer", "position", "split"] as const;
const splits: readonly string[] = ["train", "val", "test"];

/**
 * Lists the rows of a PRS-Med data folder: `annotations/*.csv` (or `annotations/qa/*.csv`), pictures and masks in
 * `<task>/<split>_images|_masks/` (or below `data/`). Rows that cannot be used are left out and said in `problems`.
 *
 * Tables may have three more columns: `mask_path`, `kind` (`single` when absent) and `group` (patient or source picture).
 *
 * @throws BadFile `not-found` without tables, `missing-column`, `empty` when no row can be used
 * @example (await readPrsMed("data/prs-med-quick")).rows[0].question // "Where is the lesion in this scan?"
 * @see PRS-Med spec §2.1, §2.5
 */
export async function readPrsMed(root: string): Promise<PrsDataset> {
  const problems: PrsProblem[] = [];
  const files = await filesBelow(root);
  const rows: PrsRow[] = [];
  for (const table of await tables(root)) rows.push(...(await readTable(root, table, files, problems)));
  if (rows.length === 0) throw new BadFile("empty", root, `holds no usable row (${problems.length} were left out)`, "See what is wrong with: folio data check prs-med");
  return { root, rows, problems, generated: await readMark(root) };
}

async function tables(root: string): Promise<string[]> {
  for (const folder of ["annotations", "annotations/qa"]) {
    const names = (await readdir(join(root, folder)).catch(() => [])).filter((name) => name.toLowerCase().endsWith(".csv")).sort();
    if (names.length > 0) return names.map((name) => `${folder}/${name}`);
  }
  throw new BadFile("not-found", join(root, "annotations"), "holds no table", "See data/cards/prs-med.md for the layout, or make sample data with: folio data make prs-med");
}

/** Every file, relative with "/"; one listing of the folder instead of some twenty questions a row. */
async function filesBelow(root: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(root, { recursive: true }).catch((cause: unknown) => {
    throw new BadFile("not-found", root, "does not exist", "Make sample data with: folio data make prs-med", { cause });
  });
  return new Set(entries.map((name) => name.replaceAll("\\", "/")));
}

async function readTable(root: string, table: string, files: ReadonlySet<string>, problems: PrsProblem[]): Promise<PrsRow[]> {
  const { columns: there, rows } = await readCsv(join(root, table));
  const absent = columns.filter((column) => !there.includes(column));
  if (absent.length > 0) throw new BadFile("missing-column", join(root, table), `has no column ${absent.join(", ")}`, `The header must name ${columns.join(", ")}.`);
  const seen = new Set<string>();
  const used: PrsRow[] = [];
  for (const [at, fields] of rows.entries()) {
    const where = `${table}, row ${at + 1}`;
    const found = oneRow(root, fields as Fields, files);
    if ("code" in found) problems.push({ ...found, path: where });
    else if (seen.has(found.mask)) problems.push({ code: "duplicate-row", path: where, message: `${found.id} is there already` });
    else {
      seen.add(found.mask);
      used.push(found);
    }
  }
  if (used.length > 0 && !used.some(({ split }) => split === "val")) problems.push({ code: "no-val", path: table, message: "has no validation rows; groups of train are set apart for choosing a model" });
  return used;
}

type Fields = Record<(typeof columns)[number], string> & { readonly mask_path?: string; readonly kind?: string; readonly group?: string };

function oneRow(root: string, fields: Fields, files: ReadonlySet<string>): PrsRow | Omit<PrsProblem, "path"> {
  const empty = columns.filter((column) => fields[column].trim() === "");
  if (empty.length > 0) return { code: "empty-field", message: `has no ${empty.join(", ")}` };
  const split = fields.split.trim().toLowerCase();
  if (!splits.includes(split)) return { code: "bad-split", message: `split is ${JSON.stringify(fields.split)}, not train, val or test` };
  const path = safePath(fields.image_path);
  if (path === undefined) return { code: "bad-path", message: `${JSON.stringify(fields.image_path)} leads out of the data folder` };
  const task = path.split("/")[0];
  const known = prsTask(task);
  if (known === undefined) return { code: "unknown-task", message: `${task} is none of the data set's tasks` };
  const below = files.has(`data/${task}`) ? "data/" : "";
  const candidates = pairCandidates({ ...fields, split });
  const pair = candidates.find(({ image, mask }) => image !== mask && files.has(below + image) && files.has(below + mask));
  if (pair === undefined) return unresolved(candidates, below, files);
  const name = pair.mask.slice(pair.mask.lastIndexOf("/") + 1);
  const id = `${task}/${split}/${name}`;
  return {
    id, task, split: split as PrsSplit, kind: kindOf(fields.kind), group: fields.group || groupOf(task, name, id),
    image: join(root, below + pair.image), mask: join(root, below + pair.mask),
    question: fields.question.trim(), answer: fields.answer.trim(), position: fields.position.trim(), modality: known.modality,
  };
}

function unresolved(candidates: readonly { image: string; mask: string }[], below: string, files: ReadonlySet<string>): Omit<PrsProblem, "path"> {
  const [first] = candidates;
  if (candidates.every(({ image, mask }) => image === mask)) return { code: "image-is-mask", message: `${first.mask} would be picture and mask at once` };
  if (!candidates.some(({ mask }) => files.has(below + mask))) return { code: "missing-mask", message: `there is no ${below}${first.mask}` };
  return { code: "missing-image", message: `there is no ${below}${first.image}, nor under another name or extension` };
}

const kindOf = (text: string | undefined): RowKind => (text === "attr" || text === "zone" ? text : "single");

function groupOf(task: string, name: string, id: string): string {
  const patient = prsTask(task)?.patient?.exec(name)?.[1];
  return patient === undefined ? id : `${task}/${patient}`;
}
