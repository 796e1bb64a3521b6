import { calibrationFigure, confusionMatrix, precisionRecallFigure, rocFigure, scoreHistogram } from "../../../figures/index.js";
import { auc, averagePrecision, confusionAt, ece, precisionRecallCurve, reliability, rocCurve } from "../../../metrics/index.js";
import { scoredCases } from "../../../results/index.js";
import { firstRuns, type FigureBuilder } from "./request.js";

/** Drawn from cases with a score and a label. */
export const detectionFigures = {
  roc(request) {
    const maxFpr = request.args.number("maxFpr") ?? 0.1;
    const { found, problem } = firstRuns(request);
    const curves = found.flatMap(({ name, style, record, group }) => {
      const { scores, labels, threshold } = scoredCases(record, group);
      const curve = rocCurve(scores, labels, { points: "corners" });
      if (curve === null) return [];
      const area = auc(scores, labels).value ?? undefined;
      const point = threshold === undefined ? undefined : operatingPoint(scores, labels, threshold);
      return [{ name, style, ...curve, ...(area !== undefined && { auc: area }), ...(point && { operatingPoint: point }) }];
    });
    return curves.length ? rocFigure(curves, { ...request.options, maxFpr }) : problem;
  },

  pr(request) {
    const { found, problem } = firstRuns(request);
    const curves = found.flatMap(({ name, style, record, group }) => {
      const { scores, labels } = scoredCases(record, group);
      const curve = precisionRecallCurve(scores, labels);
      const area = averagePrecision(scores, labels).value;
      return curve === null ? [] : [{ name, style, ...curve, ...(area !== null && { averagePrecision: area }), prevalence: labels.filter(Boolean).length / labels.length }];
    });
    return curves.length ? precisionRecallFigure(curves, curves[0].prevalence, request.options) : problem;
  },

  scores(request) {
    const { found, problem } = firstRuns(request);
    if (!found[0]) return problem;
    const { scores, labels, threshold } = scoredCases(found[0].record, found[0].group);
    if (scores.length === 0) return `no scored case of ${found[0].name} ${Object.values(found[0].group).join(" ")}`;
    const of = (label: number): number[] => scores.filter((_, i) => labels[i] === label);
    return scoreHistogram({ normal: of(0), anomalous: of(1), ...(threshold !== undefined && { threshold }) }, request.options);
  },

  confusion(request) {
    const { found, problem } = firstRuns(request);
    if (!found[0]) return problem;
    const { scores, labels, threshold } = scoredCases(found[0].record, found[0].group);
    if (threshold === undefined) return `no single threshold in the cases of ${found[0].name} ${Object.values(found[0].group).join(" ")}`;
    const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusionAt(scores, labels, threshold);
    return confusionMatrix({ labels: ["normal", "anomalous"], counts: [[trueNegatives, falsePositives], [falseNegatives, truePositives]] }, request.options);
  },

  calibration(request) {
    const bins = request.args.number("bins") ?? 10;
    const { found, problem } = firstRuns(request);
    const curves = found.flatMap(({ name, style, record, group }) => {
      const { scores, labels } = scoredCases(record, group);
      if (scores.some((score) => score < 0 || score > 1)) throw request.args.fault(`needs probabilities between 0 and 1 as scores, which ${name} does not have`);
      const error = ece(scores, labels, { bins }).value;
      return scores.length ? [{ name, style, bins: reliability(scores, labels, { bins }), ...(error !== null && { error }) }] : [];
    });
    return curves.length ? calibrationFigure(curves, request.options) : problem;
  },
} satisfies Record<string, FigureBuilder>;

export function operatingPoint(scores: readonly number[], labels: readonly number[], threshold: number): { falsePositiveRate: number; truePositiveRate: number } {
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = confusionAt(scores, labels, threshold);
  return { falsePositiveRate: fp / (fp + tn), truePositiveRate: tp / (tp + fn) };
}
