import { escapeHtml } from "../html-text.js";
import type { Widget } from "../template/widgets/widget.js";

/** The widget's place in the page: the script fills the live part, the twin stands in print. */
export function widgetHtml(id: string, { type, caption, generated, twin }: Widget, number: string): string {
  const { width, height } = twin.layout as { width: number; height: number };
  const mark = generated ? ' <span class="gen">generated data</span>' : "";
  return `<figure class="plot widget" id="${id}" data-widget="${type}" style="--w:${Math.max(width, 640)}px;--h:${height}px;--least:0px">
<div class="live" role="group" aria-label="${escapeHtml(caption)}"></div>
<div class="frame twin" style="--w:${width}px"><div class="canvas" role="img" aria-label="${escapeHtml(twin.alt)}" data-figure="${twin.id}"></div></div>
<figcaption><span class="label">Figure ${number}.</span> ${escapeHtml(caption)}${mark}</figcaption>
</figure>`;
}
