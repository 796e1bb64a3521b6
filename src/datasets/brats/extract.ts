import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { BadFile, Interrupted, pythonShuffle, silent, writeJsonAtomic, type Progress } from "../../core/index.js";
import { markFile, readMark } from "../generated/mark.js";
import type { PatientJob } from "./extract-patient.js";
import type { PatientAnswer } from "./extract-worker.js";
import { extractionFile, otherSetting, readExtraction, type ExtractionRecord } from "./extraction.js";
import type { SliceSplit } from "./image.js";
import type { Modality } from "./layout.js";
import { generatedRules } from "./make.js";
import { publishedRules, type SliceRules } from "./slice.js";
import { findBratsVolumes } from "./volumes.js";

export interface ExtractOptions {
  /** A release as it was downloaded. */
  readonly from: string;
  readonly out: string;
  /** `t2` unless given, as the published script. */
  readonly modality?: Modality;
  /** The published rules unless given; for volumes that Folio generated, rules of their size. */
  readonly rules?: Partial<SliceRules>;
  /** 42 unless given. */
  readonly splitSeed?: number;
  /** Worker threads; one a processor core unless given. */
  readonly threads?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Volumes to slices (RASALoRE spec §2.2): patients split 80 : 20, axial slices scaled to bytes, healthy and unhealthy ones told
 * apart by the area of their mask, ambiguous ones dropped.
 *
 * ```
 * <out>/{Training_images,Testing_images}/{Healthy,Unhealthy}/<patient>_<z>.png     <out>/Masks/<patient>_<z>.png
 * ```
 * Patients are extracted in parallel, and each is noted in `extraction.json` when it is whole: the same call goes on where an
 * earlier one was stopped. A patient whose files are missing or broken is skipped and named.
 *
 * @throws BadFile `not-empty` when `out` holds something else, `bad-header` when `from` is none of the layouts, `empty` when no patient could be used; Interrupted
 * @example await extractBrats({ from: "MICCAI_BraTS2020_TrainingData", out: "data/BraTS20", modality: "t2" })
 */
export async function extractBrats(options: ExtractOptions): Promise<ExtractionRecord> {
  const { from, out, modality = "t2", splitSeed = 42, progress = silent, signal } = options;
  const volumes = await findBratsVolumes(from, modality);
  const mark = await readMark(from);
  const rules = { ...(mark === undefined ? publishedRules : generatedRules), ...options.rules };
  const patients = volumes.patients.map(({ patient }) => patient);
  const wanted: ExtractionRecord = { schema: "folio.extraction/1", layout: volumes.layout, modality, rules, splitSeed, patients, done: {}, skipped: {} };
  const record = { ...wanted, ...(await begun(out, wanted)) };
  const done = { ...record.done };
  const skipped: Record<string, string> = {}; // those skipped before are tried again: their files may have been repaired
  const splits = splitOf(patients, splitSeed);
  const jobs = volumes.patients
    .filter(({ patient }) => done[patient] === undefined)
    .map((files): PatientJob => ({ ...files, out, split: splits.get(files.patient)!, rules }));
  const save = (): Promise<void> => writeJsonAtomic(join(out, extractionFile), { ...record, done, skipped });
  await save();
  if (mark !== undefined) await writeJsonAtomic(join(out, markFile), { ...mark, files: {}, complete: false }); // slices of generated volumes are generated data too
  const task = progress.begin(`extract ${volumes.layout} ${modality}`, patients.length);
  await inParallel(jobs, options.threads ?? availableParallelism(), signal, async ({ patient, extracted, problem }) => {
    if (extracted === undefined) skipped[patient] = problem ?? "unknown";
    else done[patient] = { ...extracted.counts, split: splits.get(patient)!, ...(extracted.orientation && { orientation: extracted.orientation }) };
    await save();
    task.update(Object.keys(done).length + Object.keys(skipped).length, patient);
  });
  const [finished, failed] = [Object.keys(done).length, Object.keys(skipped).length];
  task.end(`${finished} patients${failed > 0 ? `, ${failed} skipped` : ""}`);
  if (signal?.aborted) throw new Interrupted(`${finished} of ${patients.length} patients are extracted; the same command goes on from there.`);
  if (finished === 0) throw new BadFile("empty", from, `no patient could be used; ${Object.values(skipped)[0] ?? "there is none"}`, "Check the modality and the download.");
  return { ...record, done, skipped };
}

/**
 * Patients in sorted order, shuffled as Python shuffles with this seed; the first ⌊0.8 n⌋ train.
 * @example [...splitOf(["a", "b", "c", "d", "e"], 42)] // which of the five is the test patient
 */
export function splitOf(patients: readonly string[], seed: number): Map<string, SliceSplit> {
  const order = pythonShuffle([...patients].sort(), seed);
  const trained = Math.trunc(0.8 * order.length);
  return new Map(order.map((patient, i) => [patient, i < trained ? "train" : "test"]));
}

/** What an earlier call with the same settings has left. */
async function begun(out: string, wanted: ExtractionRecord): Promise<Pick<ExtractionRecord, "done"> | undefined> {
  const there = (await readdir(out).catch(() => [])).filter((name) => !name.startsWith("."));
  if (there.length === 0) return undefined;
  const found = await readExtraction(out);
  if (found === undefined) throw new BadFile("not-empty", out, "is not empty and was not made by this command", "Give another --out, so that nothing of yours is overwritten.");
  const other = otherSetting(found, wanted);
  if (other) throw new BadFile("not-empty", out, `holds slices extracted with other ${other}`, "Give another --out, or delete the folder first.");
  return { done: found.done };
}

/** Hands jobs to worker threads until none is left or the signal fires; answers are taken one after the other. */
async function inParallel(jobs: readonly PatientJob[], threads: number, signal: AbortSignal | undefined, take: (answer: PatientAnswer) => Promise<void>): Promise<void> {
  const left = [...jobs];
  const next = (): PatientJob | undefined => (signal?.aborted ? undefined : left.shift());
  let taken = Promise.resolve();
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("./extract-worker.js", import.meta.url), { execArgv: [] });
    try {
      for (let job = next(); job !== undefined; job = next()) {
        worker.postMessage(job, []);
        const [answer] = (await once(worker, "message")) as [PatientAnswer]; // an error of the thread itself rejects
        taken = taken.then(() => take(answer));
        await taken;
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, jobs.length) }, work));
}
