import type { CsvValue } from "../../../io/index.js";
import { recordClip, recordRoom, type Domain, type SyntheticMachine } from "./machines.js";
import type { DcasePreset } from "./presets.js";
import type { Scene } from "./sound.js";

/** A clip before it is written; `path` is relative to the dataset's folder. */
export interface PlannedClip {
  readonly machine: SyntheticMachine;
  readonly path: string;
  readonly kind: "machine" | "room";
  readonly domain: Domain;
  readonly anomalous: boolean;
  readonly condition: number;
}

/** The clips of one machine: normal training clips, normal and anomalous test clips, the room alone. */
export function plan(machine: SyntheticMachine, { train, testEach, supplemental }: DcasePreset): PlannedClip[] {
  const clips: PlannedClip[] = [];
  const group = (count: number, split: "train" | "test", domain: Domain, anomalous: boolean): void => {
    for (let i = 0; i < count; i++) {
      const condition = domain === "source" ? machine.source[i % 3] : machine.target;
      const tail = `${machine.attribute}_${machine.attributeValue(condition)}`;
      const stem = `section_00_${domain}_${split}_${anomalous ? "anomaly" : "normal"}_${String(i).padStart(4, "0")}_${tail}`;
      clips.push({ machine, path: `${machine.name}/${split}/${stem}.wav`, kind: "machine", domain, anomalous, condition });
    }
  };
  for (const domain of ["source", "target"] as const) {
    group(train[domain], "train", domain, false);
    group(testEach, "test", domain, false);
    group(testEach, "test", domain, true);
  }
  for (let i = 0; i < supplemental; i++) {
    const path = `${machine.name}/supplemental/section_00_supplemental_noise_${String(i).padStart(4, "0")}.wav`;
    clips.push({ machine, path, kind: "room", domain: i % 2 === 0 ? "source" : "target", anomalous: false, condition: 0 });
  }
  return clips;
}

/** Synthesises a planned clip. */
export function record({ kind, machine, condition, anomalous, domain }: PlannedClip, scene: Scene): Float64Array {
  return kind === "room" ? recordRoom(scene, domain) : recordClip(machine, scene, { condition, anomalous }, domain);
}

/** The rows of `attributes_00.csv`, with DCASE's own header. */
export function attributesTable(clips: readonly PlannedClip[]): { columns: string[]; rows: Record<string, CsvValue>[] } {
  const rows = clips
    .filter(({ kind }) => kind === "machine")
    .map(({ machine, path, condition }) => ({
      file_name: path,
      d1p: machine.attribute,
      d1v: machine.attributeValue(condition),
    }));
  return { columns: ["file_name", "d1p", "d1v"], rows };
}
