import { createHash } from "node:crypto";
import { escapeHtml } from "./html.js";

export const plotlyMime = "application/vnd.plotly.v1+json";

export interface PlotlySpec {
  readonly data: unknown;
  readonly layout?: { readonly height?: unknown } & object;
}

/** The file beside the installed kernelspec that holds Plotly; a Jupyter server gives it to its pages. */
export const plotlyFile = "plotly.min.js";

/** The same file for pages without a Jupyter server, such as nbconvert's; a browser runs it only if it is byte for byte the one installed here. */
export const publicPlotly = {
  url: "https://cdn.jsdelivr.net/npm/plotly.js-cartesian-dist-min@3.5.0/plotly-cartesian.min.js",
  integrity: "sha384-LQ4/bshyEnvkR2SOvyaG7eSKAZquPIAHDTIfqC509jZdFQpDsJIN5SfgeeB0OSDA",
} as const;

/**
 * The forms of a chart: Plotly's own for front ends that draw it (VS Code, JupyterLab with Plotly's extension), and HTML that draws
 * it anywhere in Jupyter with the Plotly that came with the kernel, without a network, and in pages made from a notebook with the public one. Where neither is to be had, the words are shown.
 */
export function plotlyForms({ data, layout = {} }: PlotlySpec, words: string): Readonly<Record<string, unknown>> {
  const config = { responsive: true, displaylogo: false };
  // The bar of buttons would lie on what stands at the top of a figure.
  const page = JSON.stringify({ data, layout, config: { ...config, displayModeBar: false } });
  return { [plotlyMime]: { data, layout, config }, "text/html": chartHtml(page, words, layout.height) };
}

function chartHtml(spec: string, words: string, height: unknown): string {
  // One chart may be shown twice; each drawing takes those of its name that are still empty.
  const name = createHash("sha256").update(spec).digest("hex").slice(0, 16);
  const room = typeof height === "number" ? height : 450;
  return `<div data-folio-chart="${name}" role="img" aria-label="${escapeHtml(words)}" style="min-height:${room}px"><p>${escapeHtml(words)}</p></div>
<script>(${draw.replaceAll(/\n\s*/g, " ")})(${JSON.stringify(name)}, ${spec.replaceAll("<", "\\u003c")})</script>`;
}

const draw = `(name, spec) => {
  const config = document.getElementById("jupyter-config-data");
  const server = document.body.dataset.baseUrl ?? (config ? (JSON.parse(config.textContent).baseUrl ?? "/") : undefined);
  const show = () => document.querySelectorAll('[data-folio-chart="' + name + '"]:not([data-drawn])').forEach((box) => {
    box.dataset.drawn = "";
    box.replaceChildren();
    window.Plotly.newPlot(box, structuredClone(spec.data), structuredClone(spec.layout), spec.config);
  });
  const fail = () => document.querySelectorAll('[data-folio-chart="' + name + '"]:not([data-drawn]) p').forEach((words) => {
    words.append(server === undefined ? " (To see it drawn, open this page with a network.)" : " (To see it drawn, run: npx folio kernel install)");
  });
  if (window.Plotly) return show();
  window.folioPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    if (server === undefined) Object.assign(script, { src: "${publicPlotly.url}", integrity: "${publicPlotly.integrity}", crossOrigin: "anonymous" });
    else script.src = server.replace(/\\/?$/, "/") + "kernelspecs/folio/${plotlyFile}";
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  window.folioPlotly.then(show, fail);
}`;
