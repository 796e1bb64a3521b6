export { concatenate } from "./arrays.js";
export { BadFile, FolioError, Interrupted, InvalidValue, ShapeMismatch, UsageError, show, stopIfAborted } from "./errors.js";
export { canonicalJson, packageRoot, writeFileAtomic, writeJsonAtomic } from "./files.js";
export { sha256, sha256File, sha256Folder } from "./hash.js";
export { silent, terminalProgress, type Progress, type ProgressStream, type ProgressTask } from "./progress.js";
export { codeIdentity, type CodeIdentity } from "./provenance.js";
export { numpyPermutation, pythonShuffle } from "./mersenne-twister.js";
export { Random, seededRandom, type RandomState } from "./random.js";
export type { CaseScore, Exclusion, Interval, MetricValue } from "./metric.js";
