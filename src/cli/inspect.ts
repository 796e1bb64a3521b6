import { resolve } from "node:path";
import type { Register } from "./commands.js";
import { say, sayJson } from "./shell.js";

export const registerInspect: Register = (folio, shell) => {
  folio
    .command("inspect")
    .description("Say what a NIfTI, WAV, PNG, JPEG, CSV, NPY, safetensors or PyTorch file is and holds; the type is found by its contents.")
    .argument("<file>", "the file")
    .option("--json", "print everything as JSON")
    .addHelpText("after", "\nExample:\n  folio inspect scan.nii.gz\n  folio inspect fan.wav --json")
    .action(async (file: string, { json }: { json?: boolean }) => {
      const { describeInspection, inspectFile } = await import("../io/index.js");
      const inspection = { ...(await inspectFile(resolve(shell.cwd, file))), file };
      if (json) return sayJson(shell, inspection);
      const { title, facts } = describeInspection(inspection);
      const width = Math.max(...facts.map(([label]) => label.length));
      say(shell, title);
      for (const [label, lines] of facts) {
        lines.forEach((line, i) => say(shell, `  ${(i === 0 ? label : "").padEnd(width)}  ${line}`));
      }
    });
};
