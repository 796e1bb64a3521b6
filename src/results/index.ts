export {
  artifact,
  type AcquisitionArtifact,
  type AgreementArtifact,
  type ArchitectureArtifact,
  type AttentionArtifact,
  type CurveArtifact,
  type CurvesArtifact,
  type KnownArtifacts,
  type KspaceArtifact,
  type Matrix,
  type PanelArtifact,
  type PanelOverlayArtifact,
  type PanelsArtifact,
  type SpectrogramArtifact,
  type SpectrogramPair,
  type StackArtifact,
} from "./artifacts.js";
export { caseRows, scoredCases, type CaseRow, type ScoredCases } from "./cases.js";
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
export { recordOfFold } from "./fold.js";
export { provenanceNow, type ProvenanceFacts } from "./provenance.js";
export { readRecords, writeRecord } from "./store.js";
export { missingSiblings, readStudyOutcome, runProblem, writeStudyOutcome, type RunOutcome, type StudyOutcome } from "./study-outcome.js";
export { BadRecord, validateRecord } from "./validate.js";
