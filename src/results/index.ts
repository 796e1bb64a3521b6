export type { CaseTable, DatasetFacts, Provenance, ResultRecord } from "./record.js";
