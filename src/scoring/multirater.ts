import { BadFile, silent, stopIfAborted, type CaseScore, type Progress } from "../core/index.js";
import {
  diceMatch,
  diceMax,
  dicePersonal,
  diceSoft,
  fleissKappa,
  ged,
  meanOverCases,
  pairwiseAgreement,
} from "../metrics/index.js";
import { bootstrap, weightedMean } from "../stats/index.js";
import { clustersByName } from "./clusters.js";
import { imagesByName } from "./folders.js";
import { readLabelImage, requireSameGeometry, type LabelImage } from "./label-image.js";
import type { ScoreReport } from "./report.js";

export interface MultiraterScoring {
  /** `case.png`, `case/sample.png` or `sample/case.png`. */
  readonly predictions: string;
  /** `rater/case.png` or `case/rater.png`. */
  readonly raters: string;
  readonly labels?: readonly number[];
  readonly distance?: "1-iou" | "1-dice";
  readonly statistic?: "v" | "u";
  readonly clusterRegex?: string;
  readonly clusterName?: string;
  readonly resamples?: number;
  readonly seed?: number;
  readonly level?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

type Values = Readonly<Record<string, CaseScore>>;

/**
 * Scores predicted samples against several raters: GED, Dice max, match, soft and personal, and how far the raters
 * agree among themselves.
 * @throws BadFile for folders that do not fit each other, naming the case
 */
export async function scoreMultirater(options: MultiraterScoring): Promise<ScoreReport> {
  const { distance = "1-iou", statistic = "v" } = options;
  const cases = await casesOf(options.predictions, options.raters);
  const task = (options.progress ?? silent).begin("score", cases.length);
  const groups = options.labels ? options.labels.map((label) => ({ label: String(label) })) : [undefined];
  const scores: Values[][] = [];
  for (const { samples, raters } of cases) {
    stopIfAborted(options.signal);
    const [s, r] = [await readAll(samples), await readAll(raters)];
    for (const image of [...s, ...r].slice(1)) requireSameGeometry(image, s[0]);
    scores.push(
      (options.labels ?? [undefined]).map((label) => valuesOf(masks(s, label), masks(r, label), { distance, statistic })),
    );
    task.update(scores.length);
  }
  task.end(`${cases.length} cases`);
  const clusters =
    options.clusterRegex === undefined
      ? null
      : clustersByName(
          cases.map(({ name }) => name),
          options.clusterRegex,
        );
  const conventions: Record<string, string> = { ...fixedConventions, ged: `${distance}, ${statistic}-statistic` };
  const metrics = groups.flatMap((group, g) =>
    Object.keys(conventions).map((id) => {
      const named = cases.map(({ name }, i) => ({ case: name, score: scores[i][g][id] }));
      const kept = named.flatMap(({ score }, i) =>
        "score" in score ? [{ value: score.score, cluster: clusters?.[i] ?? "" }] : [],
      );
      const { resamples, seed, level, clusterName = "patient" } = options;
      const interval = bootstrap(kept.length, weightedMean(kept.map(({ value }) => value)), {
        resamples,
        seed,
        level,
        ...(clusters && { clusters: kept.map(({ cluster }) => cluster), clusterName }),
      });
      return { ...meanOverCases(id, conventions[id], named), ...(interval && { interval }), ...(group && { group }) };
    }),
  );
  const rows = cases.flatMap(({ name, samples, raters }, i) =>
    groups.map((group, g) => ({
      case: name,
      ...group,
      ...(clusters && { cluster: clusters[i] }),
      samples: samples.length,
      raters: raters.length,
      ...Object.fromEntries(Object.entries(scores[i][g]).map(([id, score]) => [id, "score" in score ? score.score : null])),
    })),
  );
  return { metrics, cases: rows, comparison: null };
}

const fixedConventions = {
  ged: "",
  dice_max: "over-raters, both-empty-one",
  dice_match: "hungarian, per-rater, both-empty-one",
  dice_soft: "mean-of-samples, both-empty-one",
  dice_personal: "mean-over-samples-and-raters, both-empty-one",
  rater_dice: "all-pairs, both-empty-one",
  fleiss_kappa: "voxels",
};

function valuesOf(
  samples: Uint8Array[],
  raters: Uint8Array[],
  options: { distance: "1-iou" | "1-dice"; statistic: "v" | "u" },
): Values {
  const probabilities = new Float64Array(samples[0].length);
  for (const sample of samples) for (let i = 0; i < sample.length; i++) probabilities[i] += sample[i] / samples.length;
  const personal = samples.map((sample) => dicePersonal(sample, raters)).map((score) => ("score" in score ? score.score : NaN));
  return {
    ged: ged(samples, raters, options),
    dice_max: diceMax(samples, raters),
    dice_match: diceMatch(samples, raters),
    // Sums of shares may pass 1 by a rounding error.
    dice_soft: diceSoft(
      probabilities.map((p) => Math.min(1, p)),
      raters,
    ),
    dice_personal: { score: personal.reduce((sum, x) => sum + x, 0) / personal.length },
    rater_dice: pairwiseAgreement(raters),
    fleiss_kappa: fleissKappa(raters),
  };
}

const readAll = (files: readonly string[]): Promise<LabelImage[]> => Promise.all(files.map((file) => readLabelImage(file)));

const masks = (images: readonly LabelImage[], label: number | undefined): Uint8Array[] =>
  images.map(({ labels }) => Uint8Array.from(labels, (value) => ((label === undefined ? value !== 0 : value === label) ? 1 : 0)));

interface RatedCase {
  readonly name: string;
  readonly samples: string[];
  readonly raters: string[];
}

async function casesOf(predictionFolder: string, raterFolder: string): Promise<RatedCase[]> {
  const predictions = readings(await imagesByName(predictionFolder));
  const raters = readings(await imagesByName(raterFolder)).filter(({ flat }) => !flat);
  if (raters.length === 0) {
    const remedy = "Use rater/case.png or case/rater.png.";
    throw new BadFile("wrong-layout", raterFolder, "holds its images without a folder for each rater or case", remedy);
  }
  for (const ours of predictions) {
    for (const theirs of raters) {
      if (ours.cases.size !== theirs.cases.size || ![...ours.cases.keys()].every((name) => theirs.cases.has(name))) continue;
      return [...ours.cases].map(([name, samples]) => ({ name, samples, raters: theirs.cases.get(name) ?? [] }));
    }
  }
  const known = new Set(raters.flatMap(({ cases }) => [...cases.keys()]));
  const stray = [...predictions[0].cases].find(([name]) => !known.has(name));
  const have = new Set(predictions.flatMap(({ cases }) => [...cases.keys()]));
  const alone = [...raters[0].cases].find(([name]) => !have.has(name));
  const remedy = "Give the case the same name in both folders.";
  if (stray) throw new BadFile("missing-pair", stray[1][0], `has no raters named ${stray[0]} in ${raterFolder}`, remedy);
  throw new BadFile("missing-pair", alone?.[1][0] ?? raterFolder, `has no prediction in ${predictionFolder}`, remedy);
}

// `a/b` is case a of member b, or case b of member a; `a` alone is the single image of case a.
function readings(images: ReadonlyMap<string, string>): { readonly flat: boolean; readonly cases: Map<string, string[]> }[] {
  const flat = [...images.keys()].every((name) => !name.includes("/"));
  const group = (key: (name: string) => string): Map<string, string[]> => {
    const cases = new Map<string, string[]>();
    for (const [name, file] of images) cases.set(key(name), [...(cases.get(key(name)) ?? []), file]);
    return cases;
  };
  if (flat) return [{ flat, cases: group((name) => name) }];
  return [
    { flat, cases: group((name) => name.slice(name.indexOf("/") + 1)) },
    { flat, cases: group((name) => name.slice(0, name.lastIndexOf("/"))) },
  ];
}
