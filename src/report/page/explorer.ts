import { confusionAt, decisionMetricsOf, type Confusion } from "../../metrics/index.js";
import { escapeHtml } from "../html-text.js";
import type { Explorer } from "../template/explorer.js";

/** What the threshold moves. The page's script fills in what changes; as it stands, it shows the run's own threshold. */
export function explorerHtml(id: string, { caption, generated, parts }: Explorer, number: string): string {
  const [first] = parts;
  const counts = confusionAt(first.scores, first.labels, first.threshold);
  const mark = generated ? ' <span class="gen">generated data</span>' : "";
  return `<figure class="plot explorer" id="${id}" data-explorer="${id}" style="--w:720px">
<div class="controls" hidden>
<label>Method <select data-part="series">${options(parts.map((part) => part.series))}</select></label>
<label>Part <select data-part="group">${options(parts.map((part) => part.group))}</select></label>
<label class="slider">Threshold <input type="range" step="any"> <output>${first.threshold.toFixed(2)}</output></label>
<button type="button" data-reset>Back to the run’s own</button>
</div>
<p class="which"><b data-show="series">${escapeHtml(first.series)}</b>, <span data-show="group">${escapeHtml(first.group)}</span>; threshold <span data-show="threshold">${first.threshold.toFixed(2)}</span>${mark}</p>
<div class="row">${canvas(first.roc)}${canvas(first.histogram)}</div>
<div class="readout">
<table class="decisions"><caption class="sr">Decisions at the threshold</caption><thead><tr><td></td><th scope="col">called normal</th><th scope="col">called anomalous</th></tr></thead>
<tbody><tr><th scope="row">normal</th>${cell("trueNegatives", counts)}${cell("falsePositives", counts, true)}</tr><tr><th scope="row">anomalous</th>${cell("falseNegatives", counts, true)}${cell("truePositives", counts)}</tr></tbody></table>
<dl aria-live="polite">${measures(counts).map(([name, value]) => `<div><dt>${name}</dt><dd data-measure="${name}">${value}</dd></div>`).join("")}</dl>
</div>
<figcaption><span class="label">Figure ${number}.</span> ${escapeHtml(caption)}${mark}</figcaption>
<details class="numbers cases" hidden><summary>Cases of this part, by score</summary><p>Choose a case to see where it stands; the arrow keys go on to its neighbours.</p><div class="scroll" tabindex="0" role="group" aria-label="Cases"><table><thead><tr><th scope="col">Case</th><th scope="col">Truth</th><th scope="col">Score</th><th scope="col">Decision</th></tr></thead><tbody></tbody></table></div></details>
</figure>`;
}

function options(names: readonly string[]): string {
  return [...new Set(names)].map((name) => `<option>${escapeHtml(name)}</option>`).join("");
}

function canvas({ id, alt, layout }: Explorer["parts"][number]["roc"]): string {
  return `<div class="frame"><div class="canvas" role="img" aria-label="${escapeHtml(alt)}" data-figure="${id}" style="--h:${Number(layout.height)}px"></div></div>`;
}

function cell(name: keyof Confusion, counts: Confusion, wrong = false): string {
  return `<td data-count="${name}"${wrong ? ' class="wrong"' : ""}>${counts[name]}</td>`;
}

function measures(counts: Confusion): [string, string][] {
  const all = decisionMetricsOf(counts);
  const shown = [["Accuracy", all.accuracy], ["F1", all.f1], ["Precision", all.precision], ["Recall", all.recall], ["Specificity", all.specificity]] as const;
  return shown.map(([name, { value }]) => [name, value === null ? "—" : value.toFixed(2)]);
}

/** What the script needs: the parts with their figures' names. */
export function explorerData({ parts }: Explorer): unknown {
  return parts.map(({ series, group, record, threshold, cases, scores, labels, roc, histogram }) => ({
    series, group, record, threshold, cases, scores, labels, roc: roc.id, histogram: histogram.id, alts: [roc.alt, histogram.alt],
  }));
}
