import type { Figure } from "../../figures/index.js";
import { escapeHtml } from "../html-text.js";

/** Tables longer than this stay out of the page; the export folder has them all. */
const shownRows = 60;

/** The figure's place in the page; the page's script draws it when it is scrolled to. */
export function figureHtml(figure: Figure, number: string): string {
  const { width, height } = figure.layout as { width: number; height: number };
  const caption = figure.caption === undefined ? "" : ` ${escapeHtml(figure.caption)}`;
  const generated = figure.generated ? ' <span class="gen">generated data</span>' : "";
  return `<figure class="plot${width > 400 ? " wide" : ""}" id="${figure.id}" style="--w:${width}px;--h:${height}px;--least:${Math.min(width, 540)}px">
<div class="frame"${width > 400 ? ` tabindex="0" role="group" aria-label="Figure ${number}, scrolls sideways where it is wider than the screen"` : ""}><div class="canvas" role="img" aria-label="${escapeHtml(figure.alt)}" data-figure="${figure.id}"><div class="waiting" aria-hidden="true">${escapeHtml(figure.alt)}</div></div></div>
<figcaption><span class="label">Figure ${number}.</span>${caption}${generated}</figcaption>${numbersHtml(figure, number)}
</figure>`;
}

function numbersHtml({ table }: Figure, number: string): string {
  if (!table || table.rows.length === 0 || table.rows.length > shownRows) return "";
  const head = table.columns.map((name) => `<th scope="col">${escapeHtml(name.replaceAll("_", " "))}</th>`).join("");
  const cell = (value: string | number | null): string => (value === null ? "" : typeof value === "number" ? String(Number(value.toPrecision(4))) : escapeHtml(value));
  const rows = table.rows.map((row) => `<tr>${row.map((value) => `<td>${cell(value)}</td>`).join("")}</tr>`).join("");
  return `<details class="numbers"><summary>Numbers of figure ${number}</summary><div class="scroll" tabindex="0" role="group" aria-label="Numbers of figure ${number}"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div></details>`;
}
