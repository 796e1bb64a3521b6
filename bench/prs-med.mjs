// npm run bench -- prs-med --out DIR [--seeds 1,2,3 --variants full,no-text --size 64 --set training.steps=600 --name steps-600 --split val --data data/prs-med-small]
// PRS-Med at `small` with single settings changed: the mask's Dice by kind of question, on the validation rows unless told otherwise, so that levers are chosen
// without a look at test rows. Bases are kept in DIR/base-SEED…, a line a run is added to DIR/levers.jsonl.
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { terminalProgress, withSettings } from "../dist/core/index.js";
import { loadPrsRows, makePrsMed, readPrsMed, rowsOfSplit } from "../dist/datasets/index.js";
import { openEngine } from "../dist/engine/index.js";
import * as prs from "../dist/methods/prs-med/index.js";
import { disposeWeights } from "../dist/nn/index.js";

const { values: options } = parseArgs({
  options: {
    out: { type: "string", default: "results/prs-med-levers" }, seeds: { type: "string", default: "1" }, variants: { type: "string", default: "full" }, size: { type: "string" },
    set: { type: "string", multiple: true, default: [] }, name: { type: "string", default: "as it is" }, split: { type: "string", default: "val" }, data: { type: "string" },
    base: { type: "string" }, answers: { type: "boolean", default: false }, rows: { type: "string" }, // --rows 8: train and measure on that many training rows of all kinds, the overfit check
  },
});
const progress = terminalProgress(process.stderr);
const changes = Object.fromEntries(options.set.map((given) => given.split("=")).map(([path, value]) => [path, /^[\d[]/.test(value) ? JSON.parse(value) : value]));
const preset = withSettings(options.size === "64" ? prs.small64 : prs.presets.small, changes);
const data = options.data ?? "data/prs-med-small";
if (!options.data) await makePrsMed({ out: data, preset: "small", seed: 1, progress });
const engine = await openEngine({ threads: 1 });
const { rows } = await readPrsMed(data);
const read = (split) => loadPrsRows(rowsOfSplit(rows, split), preset.imageSize, { progress });
const few = options.rows && Number(options.rows);
const train = few ? someOfEachKind(await read("train"), few) : await read("train");
const measured = few ? train : await read(options.split);
await mkdir(options.out, { recursive: true });
for (const seed of options.seeds.split(",").map(Number)) for (const variant of options.variants.split(",")) await oneRun(seed, variant);
await engine.close();

async function oneRun(seed, variant) {
  const config = prs.variants[variant].change(preset);
  const pretraining = `base-${options.base ?? config.parts.encoderPretraining.replace("none", "bright-dark-and-places")}-${config.imageSize}-${seed}`;
  const cpu = process.cpuUsage();
  const base = await prs.makeBase({ runner: engine, config, seed, folder: join(options.out, pretraining), progress });
  const model = await prs.trainPrsMed({ runner: engine, cases: train, config, base, seed, progress });
  const evaluation = await prs.evaluatePrsMed({ tf: engine.tf, model, cases: measured, variant, answers: options.answers ? "generate" : "skip", progress });
  const { user, system } = process.cpuUsage(cpu);
  const value = (id, kind) => prs.valueOf(evaluation.metrics, id, kind);
  const dice = Object.fromEntries(["single", "attr", "zone"].map((kind) => [kind, value("dice", kind)]));
  const zone = options.answers ? Object.fromEntries(["single", "attr", "zone"].map((kind) => [kind, value("zone_accuracy", kind)])) : undefined;
  const line = { name: options.name, variant, seed, size: config.imageSize, split: few ? `train, ${few} rows` : options.split, changes, dice, zone, mask: model.losses.at(-1).mask, text: model.losses.at(-1).text, processorSeconds: (user + system) / 1e6 };
  for (const [wording, own] of byWording(evaluation.rows)) console.log(`  ${wording}: Dice ${(own.reduce((sum, { dice: x }) => sum + x, 0) / own.length).toFixed(3)}, ${own.length} rows, ${own.filter(({ dice: x }) => x < 0.3).length} below .3`);
  await appendFile(join(options.out, "levers.jsonl"), `${JSON.stringify(line)}\n`);
  console.log(`seed ${seed} ${variant}, ${options.name}, ${line.split}: Dice ${Object.entries(dice).map(([kind, x]) => `${kind} ${x?.toFixed(3) ?? "–"}`).join(", ")}${zone ? `; zone named ${Object.values(zone).map((x) => x?.toFixed(3) ?? "–").join(", ")}` : ""}; ${line.processorSeconds.toFixed(0)} s of processor time`);
  disposeWeights(model.weights);
}

/** The rows of whole pictures, one kind of question after the other, until there are so many. */
function someOfEachKind(rows, count) {
  const pictures = (kind) => [...new Set(rows.filter((row) => row.kind === kind).map(({ group }) => group))];
  const ofKind = ["single", "attr", "zone"].map(pictures);
  return Array.from({ length: count }, (_, i) => ofKind[i % 3][Math.floor(i / 3)]).flatMap((group) => rows.filter((row) => row.group === group)).slice(0, count);
}

/** Rows by what is left of a question without its lesion, picture, brightness and place. */
function byWording(rows) {
  const names = [[/tumou?r|mass|nodule|lesion|opacity|polyp|spot|finding/g, "{L}"], [/mri scan|ultrasound image|ct scan|x-ray image|x-ray|photograph|endoscopy image|image|picture|scan/g, "{P}"], [/(top|upper|bottom|lower) (left|right)|cent(er|re)|middle/g, "{Z}"], [/bright(er|est)?|dark(er|est)?|light|white|black/g, "{A}"]];
  const bare = (question) => names.reduce((text, [name, mark]) => text.replaceAll(name, mark), question.toLowerCase());
  const byText = new Map();
  for (const row of rows) {
    const text = `${row.case.kind} | ${bare(row.case.question)}`;
    byText.set(text, [...(byText.get(text) ?? []), row]);
  }
  return [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
