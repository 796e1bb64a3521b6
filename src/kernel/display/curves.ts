import { bundle, type MimeBundle } from "./bundle.js";
import { display } from "./display.js";
import { lineChart } from "./line-chart.js";
import { formatNumber } from "./numbers.js";

/** Curves that grow in one output while something is trained. */
export interface LiveCurves {
  /** Adds the values of one step; drawn at most five times a second. */
  add(step: number, values: Readonly<Record<string, number>>): void;
  /** Draws what has not been drawn. */
  end(): void;
}

/**
 * @param now the clock in milliseconds, passed in for tests
 * @example
 * const curves = liveCurves("training");
 * for (let step = 0; step < 100; step++) curves.add(step, { loss: await trainStep() });
 * curves.end();
 */
export function liveCurves(title: string, now: () => number = Date.now): LiveCurves {
  const curves = new Map<string, { readonly x: number[]; readonly y: number[] }>();
  const handle = display(draw(title, curves));
  let drawn = now();
  const redraw = (): void => {
    drawn = now();
    handle.update(draw(title, curves));
  };
  return {
    add(step, values) {
      for (const [name, value] of Object.entries(values)) {
        const curve = curves.get(name) ?? { x: [], y: [] };
        curve.x.push(step);
        curve.y.push(value);
        curves.set(name, curve);
      }
      if (now() - drawn >= 200) redraw();
    },
    end: redraw,
  };
}

function draw(
  title: string,
  curves: ReadonlyMap<string, { readonly x: readonly number[]; readonly y: readonly number[] }>,
): MimeBundle {
  const latest = [...curves].map(([name, { x, y }]) => `${name} ${formatNumber(y[y.length - 1])} at ${x[x.length - 1]}`);
  const text = `${title}: ${latest.join(", ") || "nothing yet"}`;
  const lines = [...curves].map(([name, { x, y }]) => ({ name, x, y }));
  // A picture, because JupyterLab's extension for Plotly keeps to the first drawing when an output is updated.
  return bundle(text, { "image/svg+xml": lineChart({ title, xTitle: "step", lines }) });
}
