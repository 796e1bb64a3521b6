// RASALoRE at `small`: both stages and the ablations of stage 2, one seed a run; records for a report and a line a system.
//   npm run bench -- rasalore --seed 1 --out results/rasalore-small [--data data/brats-small] [--ablations all|none|NAME,NAME] [--across DIR] [--keep DIR]
// --across also tests on slices of another release; --keep leaves checkpoints, so that what was stopped goes on and further ablations need not train the rest anew.
// The data are made when they are not there. Beside it stands what it is measured against: DDPT's masks and the segmenter's.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadSlices, makeBratsSlices, readBrainSlices } from "folio/datasets";
import { openEngine } from "folio/engine";
import * as rasalore from "folio/methods/rasalore";
import { disposeWeights } from "folio/nn";
import { writeRecord } from "folio/results";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" }, out: { type: "string" }, data: { type: "string" }, preset: { type: "string", default: "small" },
    ablations: { type: "string", default: "all" }, across: { type: "string" }, keep: { type: "string" },
  },
});
const seed = Number(values.seed);
const config = rasalore.presets[values.preset];
const root = values.data ?? `data/brats-${values.preset}`;
const say = (line) => process.stderr.write(`${line}\n`);
const progress = { begin: (task) => ({ update: () => {}, end: (note) => say(`${task}: ${note ?? ""}`) }) };

if (values.data === undefined) await makeBratsSlices({ out: root, preset: values.preset, progress });
const dataset = await readBrainSlices(root);
const of = (split) => loadSlices(dataset.slices.filter((slice) => slice.split === split));
const [train, test] = [await of("train"), await of("test")];
const engine = await openEngine({ prefer: "auto" });
const { tf } = engine;
const startedAt = new Date();
const { clip, segmenter, dispose } = await rasalore.loadFoundations(tf, values.preset, config);
const kept = (part) => values.keep && join(values.keep, `seed${seed}`, part);
const ddpt = await rasalore.trainDdpt({ engine, slices: train, config: config.ddpt, clip, seed, folder: kept("ddpt"), progress });
const guide = (slices, own = config) => rasalore.guideSlices({ tf, ddpt, segmenter, slices, config: own, seed, progress });
const guided = await guide(train.filter(({ slice }) => slice.label === "unhealthy"));
const testGuided = await guide(test);

const withForm = (form) => ({ ...config, form: { ...config.form, ...form } });
const ablations = {
  "no-segmenter-term": { ...config, segmenterTerm: "left-out" },
  "lore-aliased": withForm({ lore: "aliased" }),
  "lore-zero": withForm({ lore: "zero" }),
  "lore-learnable": withForm({ lore: "learnable" }),
  "attention-none": { ...config, attention: "none" },
};
const wanted = values.ablations === "all" ? Object.keys(ablations) : values.ablations === "none" ? [] : values.ablations.split(",");

const data = await rasalore.slicesHash(dataset);
const provenance = () => rasalore.rasaloreProvenance({ data, engine: engine.describe(), startedAt });
async function keep(evaluations, own, on = dataset) {
  for (const evaluation of evaluations) {
    const shown = ["dice", "auprc", "auroc", "slice_accuracy", "patient_dice", "patient_lesion_f1", "patient_lesion_f1_half"].flatMap((id) => {
      const value = rasalore.valueOf(evaluation.metrics, id);
      return value === null ? [] : [`${id} ${value.toFixed(3)}`];
    });
    console.log(`seed ${seed} ${on === dataset ? "" : `on ${on.name} `}${evaluation.variant.padEnd(22)} ${shown.join("  ")}`);
    if (values.out) await writeRecord(values.out, rasalore.rasaloreRecord(evaluation, { dataset: on, run: { preset: values.preset, seed, config: own, dataset: dataset.name }, provenance: await provenance() }));
  }
}

const model = await rasalore.trainRasalore({ engine, guided, config, seed, folder: kept("rasalore"), progress });
await keep((await rasalore.evaluateRasalore({ tf, model, guided: testGuided })).evaluations, config);
const lost = rasalore.withOtherEmbeddings(tf, model, seed + 1000);
await keep((await rasalore.evaluateRasalore({ tf, model: lost, guided: testGuided, baselines: "skip", variant: "embeddings-mismatched", what: "other location embeddings at test than in training" })).evaluations, config);
if (values.across) {
  const other = await readBrainSlices(values.across);
  const there = await guide(await loadSlices(other.slices.filter(({ split }) => split === "test")));
  await keep((await rasalore.evaluateRasalore({ tf, model, guided: there })).evaluations, config, other);
}
disposeWeights(model.weights);
for (const name of wanted) {
  const own = ablations[name];
  const ablated = await rasalore.trainRasalore({ engine, guided, config: own, seed, folder: kept(name), progress });
  await keep((await rasalore.evaluateRasalore({ tf, model: ablated, guided: testGuided, baselines: "skip", variant: name, what: name })).evaluations, own);
  disposeWeights(ablated.weights);
}
say(`${((Date.now() - startedAt.getTime()) / 1000).toFixed(0)} s on ${engine.name}`);
dispose();
await engine.close();
