import { after, before, describe } from "node:test";
import type { Engine } from "../engine.js";
import { gradientCases } from "./gradients.cases.js";
import { pytorchCases } from "./pytorch.cases.js";
import { semanticsCases } from "./semantics.cases.js";
import { stepCases } from "./step.cases.js";
import { trainingCases } from "./training.cases.js";

/** Which cases run: `"table"` leaves out whole trainings but PyTorch's, for a GPU that the processor imitates takes minutes for them. */
export type Extent = "all" | "table";

/** What every engine must pass; run from each engine's own small test file. */
export function engineCases(name: string, open: () => Promise<Engine>, extent: Extent = "all"): void {
  describe(name, () => {
    let engine: Engine;
    before(async () => {
      engine = await open();
    });
    after(() => engine.close());
    const current = (): Engine => engine;
    gradientCases(current);
    semanticsCases(current);
    pytorchCases(current);
    if (extent === "table") return;
    trainingCases(current);
    stepCases(current);
  });
}
