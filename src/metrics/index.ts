export type { CaseScore, Exclusion, Interval, MetricValue } from "../core/index.js";
