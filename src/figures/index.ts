export { caseBoxes, type BoxOptions, type BoxSeries } from "./boxes.js";
export { calibrationFigure, type CalibrationSeries } from "./calibration.js";
export { imagePanels, type HeatOverlay, type MaskOverlay, type Panel, type PanelOverlay, type PanelsOptions, type PointOverlay } from "./panels.js";
export { agreementMap, type AgreementData } from "./agreement.js";
export { architectureDiagram, countText, type ArchitectureBlock, type ArchitectureData } from "./architecture.js";
export { acquisitionMap, kspaceFigure, type AcquisitionData, type KspaceData } from "./kspace.js";
export { maskOutline, type Mask, type Outline } from "./outline.js";
export { heatPicture, picture, rangeOf, type PanelImage } from "./picture.js";
export { tradeOff, type TradeOffOptions, type TradeOffPoint } from "./trade-off.js";
export { imageZones, zoneMatrix, type ZoneData } from "./zones.js";
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
  distinctStyles,
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
export { surfaceFigure, type SurfaceView } from "./surface.js";
export { surfaceMesh, type MaskVolume, type SurfaceMesh } from "./surface-mesh.js";
