import type { ResultRecord } from "../results/index.js";
import { escapeHtml } from "./html-text.js";

/** Where every number comes from: one row a record, hashes cut to twelve characters. */
export function provenanceHtml(records: readonly ResultRecord[]): string {
  if (records.length === 0) return '<p class="missing block">No result record was found, so no number in this report is measured.</p>';
  const rows = records.map(({ id, dataset, preset, seed, provenance: p }) => {
    const inputs = Object.entries(p.inputs).map(([name, hash]) => `${escapeHtml(name)} <code>${escapeHtml(hash.slice(0, 12))}</code>`).join("<br>");
    return `<tr id="record-${escapeHtml(id)}"><th scope="row"><code>${escapeHtml(id)}</code></th><td>${escapeHtml(dataset.name)}${dataset.generated ? ' <span class="gen">generated</span>' : ""}</td><td>${escapeHtml(preset)}, ${seed}</td><td>${escapeHtml(p.engine)}, ${escapeHtml(p.device)}</td><td>${inputs}</td><td><code>${escapeHtml(p.code.slice(0, 12))}</code></td><td>${escapeHtml(p.startedAt.slice(0, 10))}, ${duration(p.seconds)}</td></tr>`;
  });
  return `<div class="scroll" tabindex="0" role="group" aria-label="Records"><table class="runs"><thead><tr><th scope="col">Record</th><th scope="col">Data</th><th scope="col">Preset, seed</th><th scope="col">Engine</th><th scope="col">Inputs (SHA-256)</th><th scope="col">Code</th><th scope="col">Run</th></tr></thead><tbody>${rows.join("\n")}</tbody></table></div>`;
}

const duration = (seconds: number): string => (seconds < 90 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`);
