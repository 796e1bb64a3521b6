import temml from "temml";
import { TemplateError } from "./template/problems.js";
import { escapeHtml } from "./html-text.js";

/**
 * TeX as MathML, which browsers draw and screen readers speak without a script.
 * @throws TemplateError where the TeX cannot be read
 */
export function mathml(tex: string, { display, file }: { display: boolean; file: string }): string {
  try {
    return temml.renderToString(tex, { displayMode: display, annotate: false, throwOnError: true, strict: false, trust: false });
  } catch (error) {
    throw new TemplateError(file, 0, display ? "eq" : "math", `holds TeX that cannot be read (${tex}): ${(error as Error).message.replaceAll(/\s+/g, " ")}`);
  }
}

export function equationHtml({ id, tex, spoken }: { id: string; tex: string; spoken?: string }, number: string, file: string): string {
  const label = spoken === undefined ? "" : `<span class="sr">${escapeHtml(spoken)}</span>`;
  return `<div class="equation" id="${id}" tabindex="0" role="group" aria-label="Equation ${number}">${mathml(tex, { display: true, file })}${label}<span class="number">(${number})</span></div>`;
}
