import { join } from "node:path";
import { seededRandom, writeFileAtomic, type Random } from "../../core/index.js";
import { writeNifti, writePng } from "../../io/index.js";
import type { GeneratedMark } from "../generated/mark.js";
import { writeGenerated, type MakeOptions, type PlannedGroup } from "../generated/folder.js";
import { drawCoins, drawHeart, drawSliceOf, phantomDepth, phantomSize, type PhantomKind, type PhantomSlice } from "./phantom.js";
import { sidecarPath, writeSidecar } from "./sidecar.js";
import type { CardiacPhase } from "./slice.js";
import { defaultSplit, patientNumber, splitCsv, splitPath } from "./split.js";

export type AcdcPreset = "quick" | "small";

/** Patients up to 100, of whom every fifth is for validation, and test patients from 101 on. */
export const acdcPresets: Readonly<Record<AcdcPreset, { readonly trainAndVal: number; readonly test: number }>> = {
  quick: { trainAndVal: 15, test: 4 },
  small: { trainAndVal: 50, test: 16 },
};

export interface MakeAcdcOptions extends MakeOptions<AcdcPreset> {
  /** `png` as ASMR-seg reads it, `nifti` as the challenge distributes it. `png` unless given. */
  readonly form?: "png" | "nifti";
  /** `texture` unless given. */
  readonly phantom?: PhantomKind;
}

/** Raise it when a change here changes any byte that is written. */
const generatorVersion = 2;

/** mm; a 48×48 picture is then as wide as a heart with its surroundings. */
const spacingMm = [2.5, 2.5, 8] as const;

const phases: readonly CardiacPhase[] = ["ED", "ES"];

/**
 * Writes synthetic hearts, six slices at ED and at ES a patient, in either layout of ACDC.
 *
 * @throws BadFile `not-empty` when the folder holds something else; Interrupted
 * @example await makeAcdc({ out: "data/acdc-small", preset: "small" }) // 66 patients, 792 slices of 48×48
 * @see ASMR-seg spec §9.2; {@link drawSliceOf} for what is drawn
 */
export async function makeAcdc({ out, preset = "quick", seed = 1, form = "png", phantom = "texture", progress, signal }: MakeAcdcOptions): Promise<GeneratedMark> {
  const note = "Synthetic hearts made by Folio (folio data make acdc). No patient was scanned, and the phantom is built so that outer lines of k-space matter; say so wherever a number comes from them.";
  const { trainAndVal, test } = acdcPresets[preset];
  const patients = [...Array.from({ length: trainAndVal }, (_, i) => i + 1), ...Array.from({ length: test }, (_, i) => i + 101)].map((n) => `patient${String(n).padStart(3, "0")}`);
  const heart = seededRandom(seed).stream("acdc").stream(phantom);
  const plan = form === "png" ? pngPatient : niftiPatient;
  const groups = patients.map((patient) => plan(patient, phantom, heart));
  const dataset = ["acdc", ...(phantom === "texture" ? [] : [phantom]), ...(form === "png" ? [] : [form])].join("-");
  return writeGenerated(out, { note, dataset, preset, seed, generatorVersion }, form === "png" ? [...groups, splitFile(patients)] : groups, { progress, signal });
}

interface DrawnVolume {
  readonly phase: CardiacPhase;
  readonly slices: readonly PhantomSlice[];
}

/** Patients 1 and 2, 3 and 4 … are a pair; the coins of the pair are independent in what they decide. */
function drawPatient(patient: string, phantom: PhantomKind, root: Random): { group: string; volumes: DrawnVolume[] } {
  const number = patientNumber(patient);
  const random = root.stream(patient);
  const coins = drawCoins(number % 2 === 1 ? 0 : 1, root.stream("pair").stream(Math.floor((number - 1) / 2)));
  const heart = drawHeart(phantom, coins, random.stream("heart"));
  const volumes = phases.map((phase) => ({
    phase,
    slices: Array.from({ length: phantomDepth }, (_, z) => drawSliceOf(heart, phase, z, random.stream(phase).stream(z))),
  }));
  return { group: heart.band ?? "SYN", volumes };
}

const bytesOf = (image: Float64Array): Uint8Array => Uint8Array.from(image, (level) => Math.round(255 * level));

function pngPatient(patient: string, phantom: PhantomKind, random: Random): PlannedGroup {
  const count = phases.length * phantomDepth;
  const path = (kind: string, index: number): string => `${patient}/${kind}/${index}.png`;
  const paths = [sidecarPath(patient), ...["images", "labels"].flatMap((kind) => Array.from({ length: count }, (_, index) => path(kind, index)))];
  const write = async (out: string): Promise<void> => {
    const { group, volumes } = drawPatient(patient, phantom, random);
    const slices = volumes.flatMap(({ phase, slices }) => slices.map((slice, z) => ({ phase, z, ...slice })));
    for (const [index, { image, label }] of slices.entries()) {
      for (const [kind, data] of [["images", bytesOf(image)], ["labels", label]] as const)
        await writePng(join(out, path(kind, index)), { width: phantomSize, height: phantomSize, channels: 1, depth: 8, data });
    }
    await writeSidecar(out, patient, { group, slices: slices.map(({ phase, z }) => ({ phase, z, spacing: spacingMm, origSize: [phantomSize, phantomSize] })) });
  };
  return { name: patient, paths, write };
}

function splitFile(patients: readonly string[]): PlannedGroup {
  const slices = patients.flatMap((patient) => Array.from({ length: phases.length * phantomDepth }, (_, index) => ({ patient, index, split: defaultSplit(patient) })));
  return { name: splitPath, paths: [splitPath], write: (out) => writeFileAtomic(join(out, splitPath), splitCsv(slices)) };
}

/** Two frames a cine; every seventh patient's ES comes before ED, as happens in the challenge. */
function niftiPatient(patient: string, phantom: PhantomKind, random: Random): PlannedGroup {
  const folder = `${defaultSplit(patient) === "test" ? "testing" : "training"}/${patient}`;
  const frameOf = (phase: CardiacPhase): number => (phase === "ED") === (Number(patient.slice(-3)) % 7 !== 0) ? 1 : 2;
  const stem = (phase: CardiacPhase): string => `${folder}/${patient}_frame0${frameOf(phase)}`;
  const info = `${folder}/Info.cfg`;
  const cine = `${folder}/${patient}_4d.nii.gz`;
  const paths = [info, cine, ...phases.flatMap((phase) => [`${stem(phase)}.nii.gz`, `${stem(phase)}_gt.nii.gz`])];
  const write = async (out: string): Promise<void> => {
    const { group, volumes } = drawPatient(patient, phantom, random);
    const shape = [phantomSize, phantomSize, phantomDepth];
    const images = new Map<number, Int16Array>();
    for (const { phase, slices } of volumes) {
      const image = Int16Array.from(slices.flatMap(({ image }) => [...bytesOf(image)]));
      const label = Uint8Array.from(slices.flatMap(({ label }) => [...label]));
      images.set(frameOf(phase), image);
      await writeNifti(join(out, `${stem(phase)}.nii.gz`), { data: image, shape, spacingMm });
      await writeNifti(join(out, `${stem(phase)}_gt.nii.gz`), { data: label, shape, spacingMm });
    }
    const frames = Int16Array.from([1, 2].flatMap((frame) => [...images.get(frame)!]));
    await writeNifti(join(out, cine), { data: frames, shape: [...shape, 2], spacingMm });
    const lines = { ED: frameOf("ED"), ES: frameOf("ES"), Group: group, Height: "0.0", NbFrame: 2, Weight: "0.0" };
    await writeFileAtomic(join(out, info), Object.entries(lines).map(([key, value]) => `${key}: ${value}\n`).join(""));
  };
  return { name: patient, paths, write };
}
