export { methodNames, scoreDetection, type DetectionScoring } from "./detection.js";
export { escapeLatex, reportAsCsv, tableAsHtml, tableAsLatex } from "./export.js";
export { betterDirection, groupName, type GroupedComparison, type ScoreReport } from "./report.js";
export { alignScores, readScoreFile, type ScoreColumns, type ScoreFile } from "./score-file.js";
export { formatCell, formatNumber, scoreTable, tableAsText, type ScoreCell, type ScoreRow, type ScoreTable } from "./table.js";
