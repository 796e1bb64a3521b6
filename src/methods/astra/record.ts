import { sha256File } from "../../core/index.js";
import type { DcaseDataset } from "../../datasets/index.js";
import type { EngineDescription } from "../../engine/index.js";
import { provenanceNow, type Provenance, type ResultRecord } from "../../results/index.js";
import type { ScoredClip } from "./detect.js";
import type { Evaluation } from "./evaluate.js";
import type { AstraArtifacts } from "./figure-data.js";
import { listCheckpoints } from "./checkpoints.js";

export interface RecordFacts {
  readonly dataset: DcaseDataset;
  readonly preset: string;
  readonly seed: number;
  readonly provenance: Provenance;
  /** For the method's own record. */
  readonly artifacts?: AstraArtifacts;
}

/** One evaluation as the record a report reads; `id` is `astra-<variant>-<preset>-seed<n>`. */
export function astraRecord(
  { variant, what, config, epochsTrained, clips, metrics }: Evaluation,
  { dataset, preset, seed, provenance, artifacts }: RecordFacts,
): ResultRecord {
  const { generated } = dataset;
  return {
    schema: "folio.result/1",
    id: `astra-${variant}-${preset}-seed${seed}`,
    method: "astra",
    variant,
    dataset: {
      name: generated ? `${generated.dataset}-${generated.preset}` : "dcase",
      generated: generated !== undefined,
      description: generated ? generated.note : `DCASE Task 2 recordings of ${dataset.machines.join(", ")}`,
    },
    split: "test",
    preset,
    seed,
    config: { ...config, what, epochsTrained },
    cases: caseTable(clips),
    metrics,
    ...(artifacts && { artifacts: { ...artifacts } }),
    provenance,
  };
}

function caseTable(clips: readonly ScoredClip[]): ResultRecord["cases"] {
  const parts = Object.keys(clips[0]?.parts ?? {});
  return {
    columns: ["case", "machine", "domain", "label", "score", "threshold", "scoreDomainUnknown", ...parts],
    rows: clips.map((clip) => [
      clip.case,
      clip.machine,
      clip.domain,
      clip.label,
      clip.score,
      clip.threshold,
      clip.scoreDomainUnknown,
      ...parts.map((name) => clip.parts?.[name] ?? null),
    ]),
  };
}

/** What the numbers came from: data, checkpoint, code, engine. */
export async function provenanceOf({ data, run, engine, startedAt }: { data: string; run?: string; engine: EngineDescription; startedAt: Date }): Promise<Provenance> {
  const checkpoint = run === undefined ? undefined : (await listCheckpoints(run)).at(-1);
  return provenanceNow({ inputs: { data, ...(checkpoint && { checkpoint: await sha256File(checkpoint.path) }) }, engine, startedAt });
}
