import { readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Entry, Store } from "../../cache/index.js";
import { FolioError, writeJsonAtomic } from "../../core/index.js";
import { writeStudyOutcome, type RunOutcome } from "../../results/index.js";
import type { Study } from "../file/study.js";
import { nameOf } from "../file/expand.js";
import type { RunView } from "./view.js";

/** Two runs made the same record, so that one would silently stand for the other. */
export class RecordCollision extends FolioError {
  readonly code = "record-collision";
  constructor(
    readonly run: string,
    readonly other: string,
    readonly file: string,
  ) {
    super(`${run}: wrote ${file}, which ${other} wrote too. Give one of the runs a variant in the study file, so that their records have different names.`);
  }
}

/** Brings what runs made to where people and reports look for it. */
export interface Publisher {
  /** @throws RecordCollision */
  publish(id: string, entry: Entry): Promise<void>;
  /** Removes what earlier runs published and these did not, and writes down what became of every run. */
  end(views: readonly RunView[]): Promise<void>;
}

type Published = Readonly<Record<string, readonly string[]>>;

/** Records go to the study's results, executed notebooks to its report's `out/`. */
export function openPublisher(study: Study, root: string, store: Store): Publisher {
  const owners = new Map<string, string>();
  const now = new Map<string, readonly string[]>();
  const memory = join(root, "runs", study.name, "published.json");
  const targetOf = (path: string): string => (path.startsWith("records/") ? join(root, study.results, basename(path)) : join(root, "reports", study.name, "out", path));
  return {
    async publish(id, entry) {
      const files = Object.keys(entry.files);
      for (const file of files) {
        const other = owners.get(file);
        if (other !== undefined && other !== id) throw new RecordCollision(id, other, basename(file));
      }
      for (const file of files) owners.set(file, id);
      if (!(await store.restore(entry, targetOf))) throw new Error(`${id}: what it made is damaged in the store and was removed there. Run the study again.`);
      now.set(id, files);
    },
    async end(views) {
      const before = JSON.parse(await readFile(memory, "utf8").catch(() => "{}")) as Published;
      const states = new Map(views.map((view) => [view.id, view]));
      // Of a run that has not been done again yet, the old results stay until it is.
      const kept = Object.entries(before).filter(([id]) => !now.has(id) && states.get(id) !== undefined && states.get(id)!.state !== "failed");
      const stays = new Set([...owners.keys(), ...kept.flatMap(([, files]) => files)]);
      for (const file of new Set(Object.values(before).flat())) if (!stays.has(file)) await rm(targetOf(file), { force: true });
      await writeJsonAtomic(memory, Object.fromEntries([...kept, ...now]));
      await writeStudyOutcome(join(root, study.results), {
        schema: "folio.study/1",
        study: study.name,
        title: study.title,
        runs: study.runs.map((run): RunOutcome => {
          const { state = "planned", error } = states.get(run.id) ?? {};
          const { work, id, variant, dataset, preset, seed, fold } = run;
          return {
            id, work: nameOf(work), preset, seed,
            ...(variant !== undefined && { variant }), ...(dataset !== undefined && { dataset }), ...(fold !== undefined && { fold }),
            state: state === "done" || state === "unchanged" ? "done" : state === "failed" ? "failed" : "missing",
            ...(state === "failed" && error !== undefined && { error }),
            records: (now.get(id) ?? []).filter((file) => file.startsWith("records/")).map((file) => basename(file, ".json")),
          };
        }),
      });
    },
  };
}
