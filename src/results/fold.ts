import type { ResultRecord } from "./record.js";

/** Marks a record with the part of a cross-validation that was held out for it; without one it stays as it is. */
export function recordOfFold(record: ResultRecord, fold: { readonly fold: number; readonly folds?: number } | undefined): ResultRecord {
  if (fold === undefined || record.fold !== undefined) return record;
  return { ...record, id: `${record.id}-fold${fold.fold}`, fold: fold.fold, config: { ...record.config, ...(fold.folds !== undefined && { folds: fold.folds }) } };
}
