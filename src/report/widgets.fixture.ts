import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNifti } from "../io/index.js";
import { writeRecord, type ResultRecord } from "../results/index.js";
import { picturesFixture } from "./pictures.fixture.js";
import { studyFixture } from "./study.fixture.js";

/** A report folder with one of everything a reader can operate, on records of {@link picturesFixture} and a small NIfTI scan. */
export async function widgetsReport(text = ""): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "folio-widgets-"));
  for (const record of picturesFixture()) await writeRecord(join(folder, "results"), record);
  const shape = [24, 20, 12];
  const affine = [[-1, 0, 0, 12], [0, 1, 0, -10], [0, 0, 2, -12], [0, 0, 0, 1]];
  const ball = (radius: number) => Array.from({ length: 24 * 20 * 12 }, (_, i) => ((i % 24) - 14) ** 2 + ((Math.floor(i / 24) % 20) - 10) ** 2 + 4 * (Math.floor(i / 480) - 6) ** 2 < radius ** 2);
  await writeNifti(join(folder, "scan.nii.gz"), { shape, affine, data: Int16Array.from(ball(9), (inside, i) => (inside ? 300 + (i % 17) : 0)) });
  await writeNifti(join(folder, "truth.nii.gz"), { shape, affine, data: Uint8Array.from(ball(5), Number) });
  await writeFile(join(folder, "report.json"), JSON.stringify({ title: "Widgets", results: "./results", labels: { dice: "Dice" } }));
  await writeFile(join(folder, "report.md.hbs"), `## Widgets

{{stack id="fig-steps" series="model" caption="Steps."}}

{{cases id="fig-cases" series="model, plain" columns="dice" caption="Cases."}}

{{raters id="fig-raters" series="model" caption="Raters."}}

{{volume id="fig-scan" file="scan.nii.gz" masks="truth=truth.nii.gz" caption="Scan."}}

{{surface id="fig-surface" file="truth.nii.gz" caption="Surface."}}

${text}`);
  return folder;
}

/** Every figure, table and widget that a template can ask for, on the records of both fixtures as `change` makes them. */
export async function everythingReport({ change = (record) => record, label = "Ours" }: { change?: (record: ResultRecord) => ResultRecord; label?: string } = {}): Promise<string> {
  const folder = await widgetsReport();
  const scored = studyFixture({ perClass: 8 }).filter(({ variant }) => ["attention", "ae-mse", "logmel-stats"].includes(variant));
  const score = scored[0].cases.columns.indexOf("score");
  const probable = { ...scored[0], id: "probable", variant: "probable", cases: { ...scored[0].cases, rows: scored[0].cases.rows.map((row) => row.map((value, i) => (i === score ? 1 / (1 + Math.exp(-Number(value))) : value))) } };
  for (const record of [...picturesFixture(), ...scored, probable]) await writeRecord(join(folder, "results"), change(record));
  await writeFile(join(folder, "report.json"), JSON.stringify({
    title: label, subtitle: label, authors: [{ name: label, affiliation: label }], abstract: label, results: "./results", labels: { machine: label, auc: "AUC" },
    series: [{ method: "astra", variant: "attention", label }, { method: "pictures", variant: "model", label: `${label} too` }],
    published: [{ method: "astra", metric: "auc", value: 0.7, source: label }],
  }));
  const of = (series: string, kind: string, rest = ""): string => `{{figure "${kind}" id="fig-${kind}" series="${series}" caption="A ${kind}." ${rest}}}`;
  const [detection, pictures] = ["astra/attention, astra/ae-mse, astra/logmel-stats", "pictures/model"];
  await writeFile(join(folder, "report.md.hbs"), [
    "## Detection",
    `{{table id="tab-auc" caption="AUC." metrics="auc, pauc" series="${detection}" groups="machine, domain" mean=true paper=true}}`,
    `{{table id="tab-rows" caption="The same." metrics="auc" rows="series" series="${detection}"}}`,
    `{{explorer id="fig-explorer" series="${detection}" groups="machine, domain" caption="What a threshold does."}}`,
    of(detection, "roc"), of(detection, "pr"), of("astra/attention", "scores"), of("astra/attention", "confusion", 'domain="source" machine="fan"'), of("astra/probable", "calibration"),
    of(detection, "dots", 'metric="auc" groups="machine, domain"'), of(detection, "ranks", 'column="score"'),
    ...["loss", "spectrograms", "attention"].map((kind) => of("astra/attention", kind)),
    "## Pictures",
    of(pictures, "lines", 'metric="dice" over="budget" by="rater"'), of("pictures/model, pictures/plain", "tradeoff", 'x="ssim" y="dice"'), of("pictures/model, pictures/plain", "boxes", 'column="dice"'),
    ...["zones", "curves", "panels", "agreement", "acquisition", "kspace", "architecture"].map((kind) => of(pictures, kind)),
    "## Widgets",
    `{{stack id="fig-steps" series="${pictures}" caption="Steps."}}`, `{{cases id="fig-cases" series="pictures/model, pictures/plain" columns="dice" caption="Cases."}}`, `{{raters id="fig-raters" series="${pictures}" caption="Raters."}}`,
    '{{volume id="fig-scan" file="scan.nii.gz" masks="truth=truth.nii.gz" caption="Scan."}}', '{{surface id="fig-surface" file="truth.nii.gz" caption="Surface."}}',
    "## Provenance", "{{provenance}}",
  ].join("\n\n"));
  return folder;
}
