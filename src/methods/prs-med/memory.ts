import { freemem, totalmem } from "node:os";
import { FolioError } from "../../core/index.js";
import { plannedCount } from "../../nn/index.js";
import type { PrsMedConfig } from "./config.js";
import { planPrsMed } from "./model.js";

/** What a configuration takes, in bytes. */
export interface MemoryNeed {
  /** Frozen weights, 4 bytes each: no engine computes in 16 bits yet, so a file's are widened. */
  readonly frozen: number;
  /** Trained weights with gradient and both moments, 4 bytes each. */
  readonly trained: number;
  /** Keys and values of one sequence, in 32 bits. */
  readonly cache: number;
  /** What a training step keeps for its gradients: 34 bytes a place, width and layer, attention computed anew (Korthikanti et al. 2022, eq. 2). */
  readonly activations: number;
  readonly total: number;
}

export class NotEnoughMemory extends FolioError {
  readonly code = "not-enough-memory";
  constructor(readonly need: MemoryNeed, readonly haveBytes: number, readonly engine: string) {
    const parts = `${gib(need.frozen)} of frozen weights in 32 bits, ${gib(need.trained)} for what is trained, ${gib(need.activations)} for a step`;
    super(
      `This configuration of PRS-Med needs about ${gib(need.total)} of GPU memory (${parts}), but the engine ${engine} ${/cuda|gpu/.test(engine) ? "has" : "runs on the processor, with"} ${gib(haveBytes)}. ` +
        "Use an engine on a GPU with that much memory (folio doctor lists them), or --preset small.",
    );
  }
}

/** Counted from the plan: no weight is made. */
export function memoryNeed(config: PrsMedConfig): MemoryNeed {
  const { vlm, ...trainedParts } = planPrsMed(config);
  const { lm, places } = config;
  const [frozen, trained] = [4 * plannedCount(vlm), 16 * plannedCount(trainedParts)];
  const cache = 2 * lm.layers * lm.kvHeads * (lm.width / lm.heads) * places * 4;
  const activations = 34 * config.training.batch * places * lm.width * lm.layers;
  return { frozen, trained, cache, activations, total: frozen + trained + cache + activations };
}

/** What the processor's side has; a GPU's own memory is not asked for by any engine yet. */
export const processorMemory = (): { readonly totalBytes: number; readonly freeBytes: number } => ({ totalBytes: totalmem(), freeBytes: freemem() });

/**
 * Refuses, before anything large is made, what would not fit.
 * @param engineName the engine that would run it: only one with a GPU can
 * @throws NotEnoughMemory
 */
export function requireMemory(config: PrsMedConfig, engineName: string, haveBytes = processorMemory().totalBytes): void {
  const need = memoryNeed(config);
  if (need.total > 2 ** 33 && (!/cuda|gpu/.test(engineName) || haveBytes < need.total)) throw new NotEnoughMemory(need, haveBytes, engineName);
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
