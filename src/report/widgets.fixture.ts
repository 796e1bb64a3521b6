import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNifti } from "../io/index.js";
import { writeRecord } from "../results/index.js";
import { picturesFixture } from "./pictures.fixture.js";

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
