import type { ResultRecord } from "../../results/index.js";

/** The files of a new report by path, made so that what the records hold is shown at once and is easy to change. */
export function starterFiles(name: string, records: readonly ResultRecord[], results: string): Record<string, string> {
  const series = [...new Map(records.map(({ method, variant }) => [`${method}/${variant}`, { method, variant }])).values()];
  const label = ({ method, variant }: { method: string; variant: string }): string => (variant === "as-scored" ? method : `${method}, ${variant}`);
  const config = {
    title: titleOf(name),
    authors: [{ name: "Your name", affiliation: "Your institution" }],
    abstract: "What was asked, what was done, what was found.",
    language: "en",
    results,
    citations: "numeric",
    series: series.map((one, i) => ({ ...one, label: label(one), role: i === 0 ? "ours" : "baseline" })),
    labels: Object.fromEntries(metricIds(records).map((id) => [id, labelOf(id)])),
    published: [],
  };
  return {
    "report.json": `${JSON.stringify(config, null, 2)}\n`,
    "refs.bib": records.some(isDetection) ? delong : efron,
    "report.md.hbs": template(records, series.map(({ method, variant }) => `${method}/${variant}`)),
  };
}

const delong = "@article{delong,\n  author = {DeLong, Elizabeth R. and DeLong, David M. and Clarke-Pearson, Daniel L.},\n  title = {Comparing the areas under two or more correlated receiver operating characteristic curves: a nonparametric approach},\n  journal = {Biometrics},\n  volume = {44},\n  number = {3},\n  pages = {837--845},\n  year = {1988},\n  doi = {10.2307/2531595}\n}\n";
const efron = "@book{efron,\n  author = {Efron, Bradley and Tibshirani, Robert J.},\n  title = {An Introduction to the Bootstrap},\n  publisher = {Chapman and Hall/CRC},\n  year = {1993},\n  doi = {10.1201/9780429246593}\n}\n";

const isDetection = (record: ResultRecord): boolean => ["case", "score", "label"].every((column) => record.cases.columns.includes(column));

function template(records: readonly ResultRecord[], series: readonly string[]): string {
  const names = series.join(", ");
  const ids = metricIds(records);
  const overall = ids.filter((id) => records.some((record) => record.metrics.some((metric) => metric.id === id && Object.keys(metric.group ?? {}).length === 0)));
  const first = overall[0] ?? ids[0];
  const groups = groupKeys(records, first);
  const overSteps = groups.length === 1 && records.every(({ metrics }) => metrics.every(({ id, group }) => id !== first || group?.[groups[0]] === undefined || Number.isFinite(Number(group[groups[0]]))));
  const detection = records.filter(isDetection);
  const scored = [...new Set(detection.map(({ method, variant }) => `${method}/${variant}`))].join(", ");
  const thresholds = detection.some((record) => record.cases.columns.includes("threshold"));
  const perCase = overall.filter((id) => records.every((record) => record.cases.columns.includes(id)));
  const labelled = records.some((record) => record.cases.columns.includes("label") && !record.cases.columns.includes("score"));
  const parts = [
    "## Introduction\n\nWhat was asked, and why it matters.",
    "## Results {#sec-results}",
    overall.length
      ? `{{ref "tab-overall"}} compares the methods on all cases.\n\n{{table id="tab-overall" caption="All cases." rows="series" metrics="${overall.join(", ")}" series="${names}"}}`
      : "",
    groups.length && first !== undefined
      ? `{{table id="tab-groups" caption="${labelOf(first)} by ${groups.join(" and ")}." metrics="${first}" series="${names}" groups="${groups.join(", ")}"${overSteps ? "" : " mean=true"}}}\n\n{{figure "${overSteps ? "lines" : "dots"}" id="fig-groups" series="${names}" metric="${first}" ${overSteps ? `over="${groups[0]}"` : `groups="${groups.join(", ")}"`} caption="The same numbers with their intervals."}}`
      : "",
    // A case with several labels has several values of one metric, which boxes of cases cannot show.
    ...(labelled ? [] : perCase.slice(0, 2)).map((id) => `{{figure "boxes" id="fig-${slug(id)}" series="${names}" column="${id}" caption="${labelOf(id)} of every case; lines join the values of one case."}}`),
    perCase.length && !labelled && series.length > 2 ? `{{figure "ranks" id="fig-ranks" series="${names}" column="${perCase[0]}" caption="Mean ranks by ${labelOf(perCase[0])}; bars join what is not separated."}}` : "",
    perCase.length && !labelled ? `{{cases id="fig-cases" series="${names}" columns="${perCase.join(", ")}" caption="Every case, by any measure."}}` : "",
    scored ? `{{figure "roc" id="fig-roc" series="${scored}" caption="ROC curves on all cases; the shaded part is what a partial area up to 0.1 counts."}}` : "",
    scored && thresholds ? `{{explorer id="fig-explorer" series="${scored}"${groups.length ? ` groups="${groups.join(", ")}"` : ""} caption="ROC curve, scores, decisions and measures at one threshold."}}` : "",
    `Bold marks the best value, and those that the paired interval does not separate from it{{cite "${detection.length ? "delong" : "efron"}"}}.`,
    "## Provenance {.unnumbered}\n\n{{provenance}}",
    "## References {.unnumbered}\n\n{{bibliography}}",
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function metricIds(records: readonly ResultRecord[]): string[] {
  return [...new Set(records.flatMap((record) => record.metrics.map((metric) => metric.id)))];
}

/** What one metric is grouped by: as finely as it was measured, or as coarsely where it has no value over all cases to stand above. */
function groupKeys(records: readonly ResultRecord[], id: string | undefined): string[] {
  const keys = records.flatMap((record) => record.metrics.filter((metric) => metric.id === id).map((metric) => Object.keys(metric.group ?? {})));
  const coarse = keys.every((each) => each.length > 0);
  return keys.reduce<string[] | undefined>((best, each) => (best === undefined || (coarse ? each.length < best.length : each.length > best.length) ? each : best), undefined) ?? [];
}

const labels: Readonly<Record<string, string>> = { auc: "AUC", pauc: "pAUC", ap: "Average precision", f1: "F1", iou: "IoU", hd95: "HD95 (mm)", assd: "ASSD (mm)", ged: "GED", ece: "ECE", nsd: "NSD", hd: "HD (mm)", masd: "MASD (mm)", cldice: "clDice", boundary_iou: "Boundary IoU", lesion_f1: "Lesion F1", volume_difference: "Volume difference" };
const slug = (id: string): string => id.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
const labelOf = (id: string): string => labels[id] ?? titleOf(id);
const titleOf = (name: string): string => name.replaceAll(/[-_]+/g, " ").replace(/^./, (letter) => letter.toUpperCase());
