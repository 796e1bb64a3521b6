export {
  artifact,
  type AttentionArtifact,
  type CurveArtifact,
  type KnownArtifacts,
  type Matrix,
  type PanelsArtifact,
  type SpectrogramArtifact,
  type SpectrogramPair,
} from "./artifacts.js";
export { caseRows, numbers, scoredCases, type CaseRow, type ScoredCases } from "./cases.js";
export {
  AmbiguousQuery,
  groupValues,
  measure,
  sameGroup,
  selectRecords,
  type Measurement,
  type MetricQuery,
  type RunQuery,
  type SeedValue,
} from "./query.js";
export { recordSchema, type CaseTable, type DatasetFacts, type Provenance, type ResultRecord } from "./record.js";
export { readRecords, writeRecord } from "./store.js";
export { BadRecord, validateRecord } from "./validate.js";
