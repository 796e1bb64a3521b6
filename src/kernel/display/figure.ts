import type { Figure } from "../../figures/index.js";
import { bundle, type MimeBundle } from "./bundle.js";

export const plotlyMime = "application/vnd.plotly.v1+json";
/** The whole figure with caption, table and whether its data is generated: what the report builder reads. */
export const figureMime = "application/vnd.folio.figure+json";

export function isFigure(value: unknown): value is Figure {
  if (typeof value !== "object" || value === null) return false;
  const { data, layout, alt } = value as Partial<Figure>;
  return Array.isArray(data) && typeof layout === "object" && layout !== null && typeof alt === "string";
}

/** An interactive chart where the front end has Plotly, the figure's own words everywhere. */
export function describeFigure(figure: Figure): MimeBundle {
  const text = [
    `Figure ${figure.id}: ${figure.alt}`,
    figure.caption,
    figure.generated ? "Made from generated data." : undefined,
  ];
  return bundle(text.filter(Boolean).join("\n"), {
    [plotlyMime]: { data: figure.data, layout: figure.layout, config: { responsive: true, displaylogo: false } },
    [figureMime]: figure,
  });
}
