import { resolve } from "node:path";
import type { Command } from "commander";
import type { Shell } from "./shell.js";

/** Published files that the preset `paper` stands on. */
export interface FoundationPaths {
  readonly clip?: string;
  readonly vocabulary?: string;
  readonly medsam?: string;
}

export function foundationOptions(command: Command): Command {
  return command
    .option("--clip <file>", "preset paper: OpenAI's ViT-B-32.pt, or what folio weights convert made of it")
    .option("--vocabulary <file>", "preset paper: CLIP's bpe_simple_vocab_16e6.txt.gz")
    .option("--medsam <file>", "preset paper: MedSAM ViT-B, under SAM's or Hugging Face's names");
}

export function foundationFiles({ clip, vocabulary, medsam }: FoundationPaths, { cwd }: Shell): FoundationPaths {
  const at = (path: string | undefined): string | undefined => path && resolve(cwd, path);
  return { clip: at(clip), vocabulary: at(vocabulary), medsam: at(medsam) };
}
