export { caseBoxes, type BoxOptions, type BoxSeries } from "./boxes.js";
export { calibrationFigure, type CalibrationSeries } from "./calibration.js";
export { imagePanels, type Panel, type PanelImage, type PanelOverlay, type PanelsOptions } from "./panels.js";
export { precisionRecallFigure, type PrecisionRecallSeries } from "./precision-recall.js";
export { rankDiagram, type RankData } from "./ranks.js";
export { attentionMap, type AttentionMapData } from "./attention.js";
export { confusionMatrix, type ConfusionData } from "./confusion.js";
export { learningCurves, type CurveOptions, type CurveSeries } from "./curves.js";
export { intervalDots, type DotOptions, type DotSeries } from "./dots.js";
export { axis, figure, generatedText, type Figure, type FigureOptions, type FigureParts, type PlotlyLayout, type PlotlyTrace } from "./figure.js";
export { scoreHistogram, type ScoreHistogramData, type ScoreHistogramOptions } from "./histogram.js";
export { rocFigure, type RocOptions, type RocSeries } from "./roc.js";
export { plasma, spectrogramPair, type SpectrogramPanel } from "./spectrogram.js";
export {
  colour,
  darkTwins,
  font,
  recolour,
  seriesStyles,
  tokens,
  translucent,
  widths,
  type SeriesStyle,
  type Theme,
  type TokenName,
} from "./style.js";
