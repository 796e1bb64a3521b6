import { seededRandom, type Random } from "../core/index.js";
import { askAbout, pretrainingScenes, prsTasks, type CineSlice, type PrsCase } from "../datasets/index.js";
import * as asmr from "../methods/asmr/index.js";
import * as prs from "../methods/prs-med/index.js";
import * as rasalore from "../methods/rasalore/index.js";
import type { ResultRecord } from "../results/index.js";

// Records as the notebooks of RASALoRE, ASMR and PRS-Med write them: drawn predictions, scored and written down by the methods' own functions. For
// tests of the report, never for reading.

const provenance = { inputs: { data: "0".repeat(64) }, code: "0".repeat(64), lockfile: "0".repeat(64), engine: "wasm", device: "fixture", node: "20", startedAt: "2026-01-01T00:00:00.000Z", seconds: 1 };
const generated = { schema: "folio.generated/1", note: "made by a fixture", preset: "quick", seed: 1, generatorVersion: 1, complete: true, files: {} } as const;

/** 1 inside a disc about the middle of a square, 0 outside. */
const disc = (side: number, radius: number): Uint8Array => Uint8Array.from({ length: side * side }, (_, i) => Number(Math.hypot(Math.floor(i / side) - side / 2, (i % side) - side / 2) < radius));

/** A mask as probabilities that are mostly right. */
const near = (mask: Uint8Array, random: Random): Float32Array => Float32Array.from(mask, (value) => Math.min(0.99, Math.max(0.01, value + 0.25 * random.normal() + (value ? -0.2 : 0.2))));

export function rasaloreChapter(): ResultRecord[] {
  const { imageSize } = rasalore.presets.quick.network;
  const side = 2 * imageSize;
  const dataset = { root: "", name: "BraTS20", slices: [], problems: [], extraction: undefined, generated: { ...generated, dataset: "brats-BraTS20" } };
  const run = { preset: "quick", seed: 1, config: rasalore.presets.quick, dataset: dataset.name } as const;
  return ["rasalore", "ddpt-medsam", "ddpt", "no-segmenter-term", "embeddings-mismatched"].map((variant) => {
    const random = seededRandom(1).stream(variant);
    const slices = Array.from({ length: 6 }, (_, i) => {
      const truth = disc(side, 8 + i);
      const bytes = truth.map((value) => 255 * value);
      const prepared = { id: `p${i % 3}_${i}`, patient: `p${i % 3}`, image: new Uint8Array(imageSize ** 2).fill(90), map: new Uint8Array(imageSize ** 2), mapLarge: bytes, segmenterLarge: bytes, truth, crop: { x: 0, y: 0, width: imageSize, height: imageSize } };
      return { prepared, prediction: { probability: near(truth, random), activations: new Float32Array(9) } } as unknown as rasalore.EvaluatedSlice;
    });
    const rows = slices.map(({ prepared, prediction }): rasalore.SliceRow => ({ case: prepared.id, patient: prepared.patient, scores: rasalore.scoreSlice(prediction.probability, prepared.truth!) }));
    // What evaluateRasalore adds to the method's own record and to stage 1's.
    const more = variant === "rasalore" ? ["patient_dice", "patient_lesion_f1", "patient_lesion_f1_half"] : variant === "ddpt" ? ["slice_accuracy", "slice_auc"] : [];
    const metrics = [...rasalore.summarise(rows, 1), ...more.map((id) => ({ id, convention: "fixture", value: 0.5, n: 6, excluded: [] }))];
    const artifacts = { loss: rasalore.lossCurve([1, 2, 3].map((epoch) => ({ epoch, loss: 1 / epoch, learningRate: 1e-3 }))), panels: rasalore.qualitativeGrid(slices.slice(0, 3), imageSize) };
    return rasalore.rasaloreRecord({ variant, what: variant, rows, metrics }, { dataset, run, provenance, ...(variant === "rasalore" && { artifacts: { ...artifacts } }) });
  });
}

export async function asmrChapter(): Promise<ResultRecord[]> {
  const config = asmr.presets.quick;
  const { size } = config.data;
  const test = ["patient101", "patient102"].flatMap((patient, p) => [0].map((z): asmr.KspaceSlice => {
    const label = Uint8Array.from(disc(size, 14), (outer, i) => outer + disc(size, 9 + p)[i] + disc(size, 4)[i]);
    const image = Float32Array.from(label, (value) => 0.2 + value / 5);
    const slice: CineSlice = { id: `${patient}/${z}`, patient, index: z, volume: `${patient}/ED`, phase: "ED", z, spacingMm: [1.5, 1.5, 8], group: "NOR", split: "test", size, image, label };
    return { ...slice, kReal: image, kImag: new Float32Array(size * size) };
  }));
  const predict = (random: Random) => (slices: readonly asmr.KspaceSlice[]) => slices.map(({ image, label }) => ({ picture: image.map((value) => value + 0.05 * random.normal()), label: label.map((value) => (random.uniform() < 0.1 ? 0 : value)) }));
  const history = [1, 2, 3].map((update): asmr.UpdateRecord => ({ update, meanReturn: 0.1 * update, loss: 0, policyLoss: 0, valueLoss: 0, entropy: 3, kl: 0.01, clipFraction: 0.1, gradNorm: 1, explainedVariance: 0.2 * update }));
  const records: ResultRecord[] = [];
  for (const variant of ["ppo", "ppo-non-adaptive", ...asmr.baselineNames]) {
    const random = seededRandom(1).stream(variant);
    const budgets = config.evaluation.budgets.map((budget) => {
      const orders = test.map(() => Array.from({ length: variant === "all-lines" ? size : budget }, (_, column) => column));
      return { budget, orders, scores: asmr.scorePredictions(test, predict(random)(test)) };
    });
    const evaluation = { variant, what: variant, budgets, metrics: budgets.flatMap(({ budget, scores }) => asmr.summarise(scores, budget, "mm")) };
    const pictures = variant === "ppo" && (await asmr.pictureArtifacts(test[0], new Map(budgets.map(({ budget, orders }) => [budget, orders[0]])), (slices) => Promise.resolve(predict(random)(slices))));
    const artifacts = pictures && { ...asmr.trainingArtifacts(history, asmr.actionCount(config.data)), ...pictures };
    records.push(asmr.asmrRecord(evaluation, { dataset: { generated: { ...generated, dataset: "acdc" } }, run: { preset: "quick", seed: 1, config }, provenance, test, ...(artifacts && { artifacts }) }));
  }
  return records;
}

export function prsMedChapter(): ResultRecord[] {
  const tasks = prsTasks.map(({ name }) => name);
  const drawn = seededRandom(11);
  const cases = pretrainingScenes(36, 32, drawn).flatMap((scene, i) => scene.lesions.map((lesion, j): PrsCase => ({
    ...askAbout(scene.kind, scene, lesion, "test", drawn.stream("words").stream(i).stream(j)),
    id: `scene/${i}${j}`, task: tasks[i % tasks.length], split: "test", kind: scene.kind, group: String(i), image: "", mask: "", modality: scene.modality,
    size: 32, pixels: scene.pixels, softMask: Float32Array.from(lesion.mask),
  })));
  const losses = Array.from({ length: 40 }, (_, i) => ({ total: 2 / (i + 1), mask: 1 / (i + 1), text: 1 / (i + 1) }));
  return (["full", "no-text"] as const).map((variant) => {
    const random = seededRandom(1).stream(variant);
    const replies = cases.map(({ softMask, answer, modality }) => ({
      probability: near(Uint8Array.from(softMask, (y) => Number(y > 0.5)), random), answer: variant === "full" ? answer : null, modality, attention: [],
    }));
    const rows = prs.scoreRows(cases, replies);
    const evaluation = { variant, what: prs.variants[variant].what, rows, metrics: prs.summarise(rows, 1), panels: prs.answerPanels(cases, replies), curves: prs.lossCurves(losses) };
    return prs.prsMedRecord(evaluation, { dataset: { generated: { ...generated, dataset: "prs-med" } }, run: { preset: "quick", seed: 1, config: prs.presets.quick }, provenance });
  });
}
