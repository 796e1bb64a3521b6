// npm run bench -- asmr --out DIR [--seeds 1,2,3 --phantom texture --only ppo,blind,second,rec100,rec50,cheap,loupe,search,oracle,by-group --budgets 8 --threads 1 --set ppo.minibatch=96 --name ppo-96]
// ASMR-seg at `small` over several seeds (spec §9): the reward network, the policy, its ablations and the baselines on one phantom. Networks are kept in
// DIR/runs, records are written to DIR, and a second call goes on from both. Everything it measures is printed.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { terminalProgress } from "../dist/core/index.js";
import { makeAcdc, readAcdc } from "../dist/datasets/index.js";
import { openEngine } from "../dist/engine/index.js";
import * as asmr from "../dist/methods/asmr/index.js";
import { disposeWeights } from "../dist/nn/index.js";
import { writeRecord } from "../dist/results/index.js";

const { values: options } = parseArgs({
  options: {
    out: { type: "string", default: "results/asmr-small" }, seeds: { type: "string", default: "1,2,3" }, phantom: { type: "string", default: "texture" },
    only: { type: "string", default: "ppo,blind,second,cheap,search" }, budgets: { type: "string", default: "8" }, threads: { type: "string", default: "1" }, network: { type: "string" },
    set: { type: "string", multiple: true, default: [] }, name: { type: "string", default: "ppo" }, // another name keeps the policy of other settings beside the first
  },
});
const stages = options.only.split(",");
const budgets = options.budgets.split(",").map(Number);
const progress = terminalProgress(process.stderr);
const data = `data/acdc-small${options.phantom === "texture" ? "" : `-${options.phantom}`}`;
const settings = options.set.map((given) => given.split("=")).map(([path, value]) => [path, /^[\d[]/.test(value) ? JSON.parse(value) : value]);
const config = asmr.asmrConfig("small", { ...(options.network && { "rewardModel.network": options.network }), ...Object.fromEntries(settings) });
const engine = await openEngine({ threads: Number(options.threads) });
await makeAcdc({ out: data, preset: "small", seed: 1, phantom: options.phantom, progress });
const dataset = await readAcdc(data);
const samples = await asmr.loadSamples(engine.tf, dataset, config, { progress });
for (const seed of options.seeds.split(",").map(Number)) await oneSeed(seed);
await engine.close();

async function oneSeed(seed) {
  const { train, val, test } = samples;
  const common = { engine, train, val, progress, folder: join(options.out, "runs", `${options.phantom}-${options.network ?? "unet"}-${seed}`) };
  const startedAt = new Date();
  const segmenter = await asmr.trainSegmenter({ ...common, config, seed });
  const policies = [];
  const trained = async (stage, variant, what, own) => {
    if (!stages.includes(stage)) return;
    const policy = await asmr.trainPolicy({ ...common, config: own, segmenter, seed, name: variant });
    const returns = policy.history.map(({ meanReturn }) => meanReturn);
    console.log(`seed ${seed} ${variant}: return ${[0, 14, 29, returns.length - 1].map((i) => returns[i]?.toFixed(3)).join(" ")}; first 0.70 at update ${returns.findIndex((x) => x >= 0.7) + 1 || "none"}`);
    policies.push({ variant, what, policy });
  };
  await trained("ppo", options.name, "lines chosen one by one by the policy", config);
  await trained("blind", "ppo-non-adaptive", "the same policy with its picture zeroed", { ...config, policy: { ...config.policy, sees: "budget-only" } });
  for (const share of [100, 75, 50, 25]) {
    const reward = { ...config.reward, lambdaReconstruction: share / 100, lambdaSegmentation: 1 - share / 100 };
    await trained(`rec${share}`, `ppo-rec-${share}`, `λ1 ${share / 100}, λ2 ${1 - share / 100}`, { ...config, reward });
  }
  const second = stages.includes("second") ? await asmr.trainSegmenter({ ...common, config, seed: asmr.secondSeed(seed), name: "second-model" }) : undefined;
  const baselines = [...(stages.includes("cheap") ? ["random", "centre", "equispaced", "vds", "all-lines"] : []), ...(stages.includes("search") ? ["loupe", "greedy-fixed"] : stages.includes("loupe") ? ["loupe"] : []), ...(stages.includes("oracle") ? ["greedy-oracle"] : [])];
  const evaluations = await asmr.evaluateAsmr({ engine, config, segmenter, second, policies, train, test, spacing: dataset.spacing, seed, budgets, baselines, progress });
  for (const evaluation of evaluations) for (const measured of evaluation.budgets) sayMeasured(seed, evaluation, measured);
  for (const other of evaluations.slice(1)) for (const budget of budgets) sayDifference(seed, evaluations[0], other, budget);
  if (stages.includes("by-group")) await sayMaskOfEachGroup({ engine, config, segmenter, spacing: dataset.spacing, seed, budgets, progress }, evaluations.find(({ variant }) => variant === "loupe"));
  const provenance = await asmr.asmrProvenance({ data: await asmr.acdcDataHash(dataset), engine: engine.describe(), startedAt });
  for (const evaluation of evaluations) await writeRecord(options.out, asmr.asmrRecord(evaluation, { dataset, run: { preset: "small", seed, config }, provenance, test }));
  for (const { weights } of [segmenter, ...(second ? [second] : []), ...policies.map(({ policy }) => policy)]) disposeWeights(weights);
}

function sayMeasured(seed, { variant, metrics }, { budget, orders, scores }) {
  const value = (id) => asmr.valueAt(metrics, id, budget).value?.toFixed(3) ?? "–";
  const { interval } = asmr.valueAt(metrics, "dice", budget);
  const second = metrics.some(({ id }) => id === "dice_second") ? `, by the second network ${value("dice_second")}` : "";
  console.log(`seed ${seed} ${variant}, ${budget} lines: Dice ${value("dice")} [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}], pooled ${value("dice_pooled")} (${scores.pooled.map((x) => x.toFixed(3)).join(" ")})${second}, HD95 ${value("hd95")}, SSIM ${value("ssim")}, PSNR ${value("psnr")}, ${asmr.distinctMasks({ orders })} sets of columns`);
  const groups = [...new Set(samples.test.map(({ group }) => group))];
  if (variant.startsWith("ppo")) for (const group of groups) console.log(`    ${group}: ${[...new Set(orders.filter((_, i) => samples.test[i].group === group).map((order) => [...order].sort((a, b) => a - b).join(" ")))].slice(0, 4).join(" | ")}`);
}

/** What knowing a patient's group could pay at most: LOUPE's mask for each group alone, beside its one mask for all. */
async function sayMaskOfEachGroup(options, common) {
  for (const group of new Set(samples.test.map(({ group }) => group))) {
    const [train, test] = [samples.train, samples.test].map((slices) => slices.filter((slice) => slice.group === group));
    const [own] = await asmr.evaluateAsmr({ ...options, train, test, policies: [], baselines: ["loupe"] });
    const patients = new Set(test.map(({ patient }) => patient));
    for (const { budget, orders } of own.budgets) {
      const volumes = common.budgets.find((each) => each.budget === budget).scores.volumes.filter(({ patient }) => patients.has(patient));
      const shared = asmr.mean(volumes.map(({ dice }) => asmr.mean(Object.values(dice).filter((value) => value !== null))));
      console.log(`seed ${options.seed} ${group}, ${budget} lines: a mask of its own {${[...orders[0]].sort((a, b) => a - b).join(" ")}} Dice ${asmr.valueAt(own.metrics, "dice", budget).value.toFixed(3)}, the mask for all ${shared.toFixed(3)}`);
    }
  }
}

function sayDifference(seed, first, second, budget) {
  const { difference, interval, separated } = asmr.compareSystems(first, second, "dice", budget);
  console.log(`seed ${seed} ${first.variant} − ${second.variant}, ${budget} lines: ${difference.toFixed(3)} [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}]${separated ? "" : ", not separated"}`);
}
