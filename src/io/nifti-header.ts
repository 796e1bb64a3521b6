import { NIFTI1, NIFTI2 } from "nifti-reader-js";
import { ascii, viewOf } from "./bytes.js";
import { bytesPer } from "./dtype.js";
import { geometryFrom } from "./nifti-geometry.js";
import { niftiTypes, unreadTypes, type NiftiHeader, type NiftiType } from "./nifti-types.js";
import { badHeader, truncated, unsupported } from "./problems.js";

/** Where the voxels are. */
export interface NiftiLayout {
  readonly header: NiftiHeader;
  readonly type: NiftiType;
  /** Header and voxels in separate files. */
  readonly pair: boolean;
  readonly dataStart: number;
  readonly dataBytes: number;
}

/** Bytes from the start that hold any header. */
export const headerBytes = 540;

const sizes = { 1: 348, 2: 540 } as const;

/** 1, 2 or undefined by the size in the first four bytes, whichever way round: what NIfTI goes by. */
export function niftiVersion(bytes: Uint8Array): 1 | 2 | undefined {
  if (bytes.length < 4) return undefined;
  const view = viewOf(bytes);
  const size = [view.getInt32(0, true), view.getInt32(0, false)].find((size) => size === 348 || size === 540);
  if (size === 348 && ["n+1\0", "ni1\0"].includes(ascii(bytes, 344, 348))) return 1;
  return size === 540 && ["n+2\0", "ni2\0"].includes(ascii(bytes, 4, 8)) ? 2 : undefined;
}

/**
 * Reads and checks a header: `nifti-reader-js` takes its fields apart, the rules are ours.
 * @param bytes the first {@link headerBytes} of the file, or all it has
 * @throws BadFile `bad-header`, `truncated-file`, `unsupported`
 * @see https://nifti.nimh.nih.gov, nifti1.h and nifti2.h; nibabel 5.4.2 for what an unset field means
 */
export function parseNiftiHeader(bytes: Uint8Array, name: string): NiftiLayout {
  const version = niftiVersion(bytes);
  if (version === undefined) {
    if (viewOf(bytes).byteLength < sizes[1])
      throw badHeader(
        name,
        `its ${bytes.length} bytes are no NIfTI header, which has 348`,
        "Check that it is a NIfTI file.",
      );
    throw badHeader(
      name,
      "does not begin as a NIfTI file does",
      "Check that it is a NIfTI file; ANALYZE files must be converted.",
    );
  }
  if (bytes.length < sizes[version]) throw truncated(name, sizes[version], bytes.length, `a NIfTI-${version} header has`);
  // Without the bytes behind it: extensions are not needed, and a hostile one could keep the parser busy for ever.
  const raw = version === 1 ? new NIFTI1() : new NIFTI2();
  raw.readHeader(new Uint8Array(bytes.subarray(0, sizes[version])).buffer);
  const shape = shapeFrom(raw.dims, name);
  const type = typeFrom(raw.datatypeCode, raw.numBitsPerVoxel, name);
  const pair = version === 1 ? bytes[345] === 0x69 : bytes[5] === 0x69; // "ni1" or "n+1"
  const dataStart = offsetFrom(raw.vox_offset, pair, version, name);
  const voxels = shape.reduce((product, size) => product * size, 1);
  const warnings: string[] = [];
  const geometry = geometryFrom({ raw, bytes, version, shape, name }, warnings);
  const header: NiftiHeader = {
    version,
    shape,
    dtype: type.dtype,
    components: type.components,
    ...geometry,
    scaling: scalingFrom(raw.scl_slope, raw.scl_inter, type, name),
    littleEndian: raw.littleEndian,
    description: raw.description.trim(),
    warnings,
  };
  return { header, type, pair, dataStart, dataBytes: voxels * type.components * bytesPer[type.part] };
}

function shapeFrom(dims: readonly number[], name: string): number[] {
  const [rank] = dims;
  if (!(rank >= 1 && rank <= 7)) throw badHeader(name, `announces ${rank} dimensions; NIfTI has 1 to 7`);
  const shape = dims.slice(1, rank + 1);
  if (!shape.every((size) => size >= 1 && Number.isSafeInteger(size))) {
    throw badHeader(name, `announces the shape [${shape.join(", ")}]; every size must be 1 or more`);
  }
  return shape;
}

function typeFrom(code: number, bits: number, name: string): NiftiType {
  const type = niftiTypes.find((type) => type.code === code);
  if (type === undefined) {
    if (code in unreadTypes)
      throw unsupported(name, `stores voxels as ${unreadTypes[code]} (datatype ${code})`, "Convert it to float32.");
    throw badHeader(name, `announces datatype ${code}, which NIfTI does not have`);
  }
  const right = 8 * bytesPer[type.part] * type.components;
  if (bits !== right) throw badHeader(name, `announces ${bits} bits a voxel, but its datatype ${type.dtype} has ${right}`);
  return type;
}

function offsetFrom(offset: number, pair: boolean, version: 1 | 2, name: string): number {
  const least = pair ? 0 : sizes[version] + 4;
  if (!Number.isFinite(offset) || Math.trunc(offset) < least) {
    throw badHeader(name, `announces its voxels at byte ${offset}; they cannot begin before byte ${least}`);
  }
  return Math.trunc(offset);
}

/** As nibabel: a slope of 0, NaN or infinity means "not scaled"; colours never are. */
function scalingFrom(slope: number, inter: number, type: NiftiType, name: string): NiftiHeader["scaling"] {
  if (slope === 0 || !Number.isFinite(slope) || type.components > 2) return null;
  if (!Number.isFinite(inter)) throw badHeader(name, `announces a slope of ${slope} with an intercept of ${inter}`);
  return slope === 1 && inter === 0 ? null : { slope, inter };
}
