import { BadFile, type CaseScore } from "../core/index.js";
import { overlap, overlapByLabel } from "../metrics/index.js";
import type { ImagePair } from "./folders.js";
import { readLabelImage, requireSameGeometry, type LabelImage } from "./label-image.js";
import { scoreMasks, Subject, type EmptyPolicies, type MetricRequest } from "./segmentation-metrics.js";

/** What is done to every case. Plain data, so that it can cross threads. */
export interface SegmentationJob {
  readonly requests: readonly MetricRequest[];
  /** Labels scored one by one; null to score everything that is not 0 as one foreground. */
  readonly labels: readonly number[] | null;
  readonly policies: EmptyPolicies;
  /** For PNG and NPY. */
  readonly spacingMm?: readonly number[];
}

export interface SegmentedCase {
  readonly name: string;
  /** `scores[label][metric]`, in the order of the job. */
  readonly scores: readonly (readonly CaseScore[])[];
  readonly hasSpacing: boolean;
}

/** Reads one case's two files and scores every label with every metric. @throws BadFile naming the file */
export async function scoreCase(
  { name, prediction: predictionFile, truth: truthFile }: ImagePair,
  job: SegmentationJob,
): Promise<SegmentedCase> {
  const [prediction, truth] = await Promise.all([
    readLabelImage(predictionFile, job.spacingMm),
    readLabelImage(truthFile, job.spacingMm),
  ]);
  requireSameGeometry(prediction, truth);
  const { labels, requests, policies } = job;
  const score = (label: number | undefined, counts: ReturnType<typeof overlap>): CaseScore[] =>
    scoreMasks(new Subject(prediction.labels, truth.labels, truth.grid, label, counts), requests, policies);
  if (labels === null)
    return { name, hasSpacing: truth.hasSpacing, scores: [score(undefined, overlap(prediction.labels, truth.labels))] };
  requireKnownLabels(prediction, labels);
  requireKnownLabels(truth, labels);
  const counts = overlapByLabel(prediction.labels, truth.labels, labels);
  return { name, hasSpacing: truth.hasSpacing, scores: labels.map((label, index) => score(label, counts[index])) };
}

function requireKnownLabels({ file, labels: values }: LabelImage, labels: readonly number[]): void {
  const known = new Uint8Array(65536);
  known[0] = 1;
  for (const label of labels) known[label] = 1;
  for (let i = 0; i < values.length; i++) {
    if (known[values[i]]) continue;
    const problem = `holds the label ${values[i]}, which is not among ${labels.join(", ")}`;
    throw new BadFile("unknown-label", file, problem, "Add it to --labels, or map it to 0.");
  }
}
