import type { PrsCase } from "../../datasets/index.js";
import type { CurvesArtifact, PanelsArtifact } from "../../results/index.js";
import type { Reply } from "./ask.js";
import type { StepLosses } from "./train-step.js";

/** Pictures that are asked about twice, with what was asked for and what was marked; the first two of them. */
export function answerPanels(cases: readonly PrsCase[], replies: readonly Reply[]): PanelsArtifact {
  const twice = cases.flatMap((each, i) => (cases.some((other) => other !== each && other.group === each.group) ? [i] : [])).slice(0, 4);
  const shown = twice.length > 0 ? twice : [...cases.keys()].slice(0, 4);
  return {
    panels: shown.map((i) => {
      const { pixels, size, softMask, question } = cases[i];
      const matrix = (values: ArrayLike<number>) => ({ shape: [size, size] as const, values: Array.from(values) });
      return {
        title: question,
        image: matrix(Array.from({ length: size * size }, (_, at) => Math.round((pixels[3 * at] + pixels[3 * at + 1] + pixels[3 * at + 2]) / 3))),
        overlays: [
          { name: "asked for", draw: "contour" as const, mask: matrix(Array.from(softMask, (y) => Number(y > 0.5))) },
          { name: "marked", draw: "fill" as const, mask: matrix(Array.from(replies[i].probability, (p) => Number(p > 0.5))) },
        ],
      };
    }),
  };
}

/** Mask and text loss, each point the mean of ten steps. */
export function lossCurves(losses: readonly StepLosses[]): CurvesArtifact {
  const means = (of: (step: StepLosses) => number): number[] => Array.from({ length: Math.floor(losses.length / 10) }, (_, i) => losses.slice(10 * i, 10 * i + 10).reduce((sum, step) => sum + of(step), 0) / 10);
  const x = Array.from({ length: Math.floor(losses.length / 10) }, (_, i) => 10 * (i + 1));
  return { xTitle: "step", yTitle: "loss", curves: [{ name: "mask", x, y: means(({ mask }) => mask) }, { name: "text", x, y: means(({ text }) => text) }] };
}
