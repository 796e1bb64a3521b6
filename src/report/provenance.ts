import { runProblem, type ResultRecord, type StudyOutcome } from "../results/index.js";
import { escapeHtml } from "./html-text.js";

/** Where every number comes from, hashes cut to twelve characters; and which planned runs gave none. */
export function provenanceHtml(records: readonly ResultRecord[], outcome?: StudyOutcome): string {
  return recordsHtml(records) + undoneHtml(outcome);
}

function undoneHtml(outcome: StudyOutcome | undefined): string {
  const undone = outcome?.runs.filter(({ state }) => state !== "done") ?? [];
  if (undone.length === 0) return "";
  const items = undone.map((run) => `<li>${escapeHtml(runProblem(run))}</li>`).join("");
  return `<p><b>Without a result:</b> ${undone.length} of the ${outcome!.runs.length} runs of the study. They are in no mean above.</p><ul>${items}</ul>`;
}

function recordsHtml(records: readonly ResultRecord[]): string {
  if (records.length === 0) return '<p class="missing block">No result record was found, so no number in this report is measured.</p>';
  const rows = together(records).map((same) => {
    const [{ dataset, preset, provenance: p }] = same;
    const inputs = Object.entries(p.inputs).map(([name, hash]) => `${escapeHtml(name)} <code>${escapeHtml(hash.slice(0, 12))}</code>`).join("<br>");
    const ids = same.map(({ id }) => `<code id="record-${escapeHtml(id)}">${escapeHtml(id)}</code>`).join(" ");
    const total = same.reduce((sum, record) => sum + record.provenance.seconds, 0);
    return `<tr><th scope="row">${ids}</th><td>${escapeHtml(dataset.name)}, ${escapeHtml(preset)}${dataset.generated ? ' <span class="gen">generated</span>' : ""}</td><td>${escapeHtml(p.engine)}, ${escapeHtml(p.device)}; Node ${escapeHtml(p.node)}</td><td>${inputs}<br>code <code>${escapeHtml(p.code.slice(0, 12))}</code></td><td>${escapeHtml(p.startedAt.slice(0, 10))}, ${duration(total)}</td></tr>`;
  });
  return `<div class="scroll" tabindex="0" role="group" aria-label="Records"><table class="runs"><thead><tr><th scope="col">Records</th><th scope="col">Data</th><th scope="col">Engine</th><th scope="col">SHA-256</th><th scope="col">Run</th></tr></thead><tbody>${rows.join("\n")}</tbody></table></div>`;
}

/** Records that share data, code, engine and day stand in one row. */
function together(records: readonly ResultRecord[]): ResultRecord[][] {
  const rows = new Map<string, ResultRecord[]>();
  for (const record of records) {
    const { inputs, code, engine, device, node, startedAt } = record.provenance;
    const key = JSON.stringify([record.method, record.dataset, record.preset, inputs, code, engine, device, node, startedAt.slice(0, 10)]);
    rows.set(key, [...(rows.get(key) ?? []), record]);
  }
  return [...rows.values()];
}

const duration = (seconds: number): string => (seconds < 90 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`);

/** What a reader sees who asks where a number comes from. */
export function recordFacts(records: readonly ResultRecord[]): Record<string, unknown> {
  return Object.fromEntries(
    records.map(({ id, method, variant, dataset, split, preset, seed, config, provenance }) => [id, { method, variant, dataset, split, preset, seed, config, provenance }]),
  );
}
