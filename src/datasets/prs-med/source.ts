import type { Progress } from "../../core/index.js";
import { loadPrsRow, loadPrsRows, type PrsCase } from "./load.js";
import type { PrsRow } from "./row.js";

/** Rows with their words in memory, and their pictures when they are asked for. */
export interface PrsSource {
  readonly rows: readonly PrsRow[];
  /** S: pictures come at S×S. */
  readonly size: number;
  /** The rows at these places, in this order; a place may come twice. */
  readonly read: (at: readonly number[]) => Promise<PrsCase[]>;
}

/** Rows that are read already. */
export const heldSource = (cases: readonly PrsCase[], size = cases[0]?.size ?? 0): PrsSource => ({ rows: cases, size, read: async (at) => at.map((place) => cases[place]) });

/** Every picture is read from its file each time. */
export const fileSource = (rows: readonly PrsRow[], size: number): PrsSource => ({ rows, size, read: (at) => Promise.all(at.map((place) => loadPrsRow(rows[place], size))) });

/** What read pictures may take before they stay on disk: 300 of 1024 pixels, any number that occurs of 64. */
const heldBytes = 2 ** 31;

/** Picture and mask of a row, as `PrsCase` holds them. */
const bytesOf = (size: number): number => 7 * size * size;

/**
 * Reads all rows at once where they fit into memory, and by batch where they do not.
 * @param most bytes that may be held
 * @throws BadFile when a file is missing or is no 8-bit image: at once, or when its batch comes; Interrupted
 */
export async function openPrsSource(rows: readonly PrsRow[], size: number, { most = heldBytes, progress, signal }: { most?: number; progress?: Progress; signal?: AbortSignal } = {}): Promise<PrsSource> {
  return rows.length * bytesOf(size) > most ? fileSource(rows, size) : heldSource(await loadPrsRows(rows, size, { progress, signal }), size);
}
