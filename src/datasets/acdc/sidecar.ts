import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, writeJsonAtomic } from "../../core/index.js";
import type { CardiacPhase } from "./slice.js";

/** `patientNNN/meta.json`: what the PNG layout itself cannot hold. */
export interface PatientMeta {
  readonly schema: "folio.acdc/1";
  readonly group: string | undefined;
  /** By file number. */
  readonly slices: readonly SliceMeta[];
}

export interface SliceMeta {
  readonly phase: CardiacPhase;
  readonly z: number;
  /** [x, y, z], mm */
  readonly spacing: readonly [number, number, number];
  /** [width, height] of the original slice, pixels */
  readonly origSize: readonly [number, number];
}

const fileName = "meta.json";

export const sidecarPath = (patient: string): string => `${patient}/${fileName}`;

export async function writeSidecar(root: string, patient: string, { group, slices }: Omit<PatientMeta, "schema">): Promise<void> {
  await writeJsonAtomic(join(root, sidecarPath(patient)), { schema: "folio.acdc/1", ...(group !== undefined && { group }), slices });
}

/**
 * The sidecar of a patient, undefined when there is none.
 * @throws BadFile `bad-header` when the file is not a sidecar
 */
export async function readSidecar(root: string, patient: string): Promise<PatientMeta | undefined> {
  const path = join(root, sidecarPath(patient));
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const meta = parsed(text);
  if (meta?.schema === "folio.acdc/1" && Array.isArray(meta.slices) && meta.slices.every(isSlice)) return meta as PatientMeta;
  throw new BadFile("bad-header", path, "is not a sidecar of folio data make acdc", "Make the folder again from the NIfTI files, or delete this file to go without spacing.");
}

const isSlice = ({ phase, z, spacing }: Partial<SliceMeta>): boolean =>
  (phase === "ED" || phase === "ES") && Number.isInteger(z) && spacing?.length === 3 && spacing.every((mm) => mm > 0);

function parsed(text: string): Partial<PatientMeta> | undefined {
  try {
    return JSON.parse(text) as Partial<PatientMeta>;
  } catch {
    return undefined;
  }
}
