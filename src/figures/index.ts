export type { Figure, PlotlyLayout, PlotlyTrace } from "./figure.js";
