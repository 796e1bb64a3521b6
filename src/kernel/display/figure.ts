import type { Figure } from "../../figures/index.js";
import { bundle, type MimeBundle } from "./bundle.js";
import { plotlyForms } from "./plotly.js";

/** The whole figure with caption, table and whether its data is generated: what the report builder reads. */
export const figureMime = "application/vnd.folio.figure+json";

export function isFigure(value: unknown): value is Figure {
  if (typeof value !== "object" || value === null) return false;
  const { data, layout, alt } = value as Partial<Figure>;
  return Array.isArray(data) && typeof layout === "object" && layout !== null && typeof alt === "string";
}

const generatedNote = "Made from generated data.";

/** An interactive chart, and the figure's own words. */
export function describeFigure(figure: Figure): MimeBundle {
  const words = [
    `Figure ${figure.id}: ${figure.alt}`,
    figure.caption,
    figure.generated && !figure.alt.endsWith(generatedNote) ? generatedNote : undefined, // figures of folio/figures say so themselves
  ];
  const text = words.filter(Boolean).join("\n");
  return bundle(text, { ...plotlyForms(figure, text), [figureMime]: figure });
}
