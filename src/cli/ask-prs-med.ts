import { basename, join, resolve } from "node:path";
import type { Command } from "commander";
import { say, sayJson, type Shell } from "./shell.js";
import { withEngine } from "./with-engine.js";

interface AskPrsMedCommand {
  readonly run: string;
  readonly image: string;
  readonly question: string;
  readonly out?: string;
  readonly engine: string;
  readonly json?: boolean;
}

/** `folio ask prs-med` */
export function addAskPrsMed(ask: Command, shell: Shell): void {
  ask.command("prs-med")
    .description("Ask where a lesion is: prints the sentence and, with --out, writes mask, probabilities and overlay at the picture's size.")
    .requiredOption("--run <folder>", "what `folio train prs-med` wrote")
    .requiredOption("--image <file>", "an 8-bit PNG or JPEG")
    .requiredOption("--question <text>", "in your own words")
    .option("--out <folder>", "where mask.png, probability.png and overlay.png go")
    .option("--engine <name>", "which engine, or auto for the fastest that is there", "auto")
    .option("--json", "print answer, zones and files as JSON")
    .addHelpText("after", '\nExample:\n  folio ask prs-med --run runs/prs-med --image polyp.png --question "Where is the polyp?" --out asked')
    .action((options: AskPrsMedCommand) => askPrsMedCommand(options, shell));
}

async function askPrsMedCommand({ run, image, question, out, engine: prefer, json }: AskPrsMedCommand, shell: Shell): Promise<void> {
  const { UsageError } = await import("../core/index.js");
  if (question.trim() === "") throw new UsageError("--question must not be empty.");
  const { maskPosition, readPicture, toRgb } = await import("../datasets/index.js");
  const { askPicture, openTrained, overlayOf, toBytes } = await import("../methods/prs-med/index.js");
  const { disposeWeights } = await import("../nn/index.js");
  const { writePng } = await import("../io/index.js");
  const picture = toRgb(await readPicture(resolve(shell.cwd, image)));
  await withEngine(prefer, shell, async (engine) => {
    const { model } = await openTrained(engine.tf, resolve(shell.cwd, run));
    const { answer, probability } = await askPicture(engine.tf, model, picture, question.trim(), { signal: shell.signal });
    disposeWeights(model.weights);
    const { width, height } = picture;
    const mask = probability.map((p) => (p > 0.5 ? 255 : 0));
    const pixels = mask.reduce((sum, on) => sum + on / 255, 0);
    const position = maskPosition(mask, width, height);
    const images = { "mask.png": { channels: 1, data: Uint8Array.from(mask) }, "probability.png": { channels: 1, data: toBytes(probability) }, "overlay.png": { channels: 3, data: overlayOf(picture.data, mask) } } as const;
    const files = out === undefined ? [] : Object.keys(images).map((name) => join(out, name));
    if (out !== undefined) for (const [name, of] of Object.entries(images)) await writePng(resolve(shell.cwd, out, name), { width, height, ...of });
    const report = { image: basename(image), question, answer, maskZone: position?.zone ?? null, pixels, files };
    if (json) return sayJson(shell, report);
    if (answer !== null) say(shell, answer === "" ? "(no words)" : answer);
    say(shell, position === null ? "The mask is empty." : `The mask lies ${position.zone === "center" ? "in the center" : `at the ${position.zone}${position.near ? ", near the center" : ""}`}: ${pixels} of ${width * height} pixels.`);
    if (files.length > 0) say(shell, `Wrote ${files.join(", ")}`);
  });
}
