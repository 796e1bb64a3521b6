import { randomUUID } from "node:crypto";
import { bundle } from "../display/bundle.js";
import { currentChannel } from "../display/channel.js";
import { plotlyForms, plotlyMime, type PlotlySpec } from "../display/plotly.js";

/** The module that tslab gives its notebooks (tslab 1.0.22, `public.d.ts`), so that they run here unchanged. */
export interface Display {
  javascript(text: string): void;
  html(text: string): void;
  markdown(text: string): void;
  latex(text: string): void;
  svg(text: string): void;
  png(file: Uint8Array): void;
  jpeg(file: Uint8Array): void;
  gif(file: Uint8Array): void;
  pdf(file: Uint8Array): void;
  text(text: string): void;
  /** `content` is text or bytes; for a JSON type also the value itself. */
  raw(contentType: string, content: unknown): void;
}

export const versions = { tslab: "1.0.22 (Folio)", typescript: "6.0.3", node: process.version } as const;

/** A display whose every call shows its content in the place of the one before. */
export const newDisplay = (): Display => makeDisplay(randomUUID());

export const display: Display = makeDisplay();

function makeDisplay(id?: string): Display {
  let shown = false;
  const raw = (contentType: string, content: unknown): void => {
    const data = content instanceof Uint8Array ? Buffer.from(content).toString("base64") : content;
    const text = contentType === "text/plain" || contentType === "text/markdown" ? String(content) : contentType;
    const rich = contentType === plotlyMime && typeof content === "object" ? plotlyForms(content as PlotlySpec, text) : {};
    const forms = contentType === "text/plain" ? bundle(text) : bundle(text, { ...rich, [contentType]: data });
    if (shown && id !== undefined) currentChannel()?.update(forms, id);
    else currentChannel()?.show(forms, id);
    shown = true;
  };
  const as = (contentType: string) => (content: unknown) => raw(contentType, content);
  return {
    raw,
    javascript: as("text/javascript"),
    html: as("text/html"),
    markdown: as("text/markdown"),
    latex: as("text/latex"),
    svg: as("image/svg+xml"),
    png: as("image/png"),
    jpeg: as("image/jpeg"),
    gif: as("image/gif"),
    pdf: as("application/pdf"),
    text: as("text/plain"),
  };
}
