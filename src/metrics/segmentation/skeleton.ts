import { requireGrid, type Grid, type Mask } from "./mask.js";

/**
 * The centre line of a mask, one voxel thin.
 *
 * Images are thinned by Zhang and Suen's parallel rule with scikit-image's table, volumes by Lee, Kashyap and Chu's: border voxels are taken
 * away direction by direction as long as neither the Euler number nor the connectivity of their neighbourhood changes
 * and they are not the end of a line. Outside the image is background.
 *
 * @returns 0/1, of the mask's length
 * @see Zhang & Suen, CACM 1984; Lee, Kashyap & Chu, CVGIP 1994
 */
export function skeleton(mask: Mask, grid: Grid): Uint8Array {
  requireGrid(grid, mask);
  const [slices, rows, columns] = grid.shape.length === 2 ? [1, ...grid.shape] : grid.shape;
  const padded = new Uint8Array((slices + 2) * (rows + 2) * (columns + 2));
  const place = (z: number, y: number, x: number): number => ((z + 1) * (rows + 2) + y + 1) * (columns + 2) + x + 1;
  const each = (visit: (from: number, to: number) => void): void => {
    for (let z = 0, i = 0; z < slices; z++)
      for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++, i++) visit(i, place(z, y, x));
  };
  each((from, to) => (padded[to] = mask[from] ? 1 : 0));
  if (grid.shape.length === 2) thinImage(padded, columns + 2);
  else thinVolume(padded, columns + 2, (rows + 2) * (columns + 2));
  const out = new Uint8Array(mask.length);
  each((from, to) => (out[from] = padded[to]));
  return out;
}

function thinImage(image: Uint8Array, row: number): void {
  // Neighbours clockwise from north: P2 … P9 of the paper, bits 0 … 7 of a code.
  const ring = [-row, -row + 1, 1, row + 1, row, row - 1, -1, -row - 1];
  let voxels = foreground(image);
  for (let changed = true; changed;) {
    changed = false;
    for (const pass of [1, 2]) {
      const removed = voxels.filter((at) => {
        let code = 0;
        for (let k = 0; k < 8; k++) code |= image[at + ring[k]] << k;
        return (passes[code] & pass) !== 0;
      });
      for (const at of removed) image[at] = 0;
      if (removed.length > 0) {
        changed = true;
        voxels = voxels.filter((at) => image[at]);
      }
    }
  }
}

/** In which of the two passes a pixel with these neighbours goes: 1, 2, 3 for both, 0 for neither. */
const passes = passTable();

function passTable(): Uint8Array {
  const table = Uint8Array.from({ length: 256 }, (_, code) => {
    const p = Array.from({ length: 8 }, (_, k) => (code >> k) & 1);
    const count = p.reduce((sum, value) => sum + value, 0);
    const rises = p.filter((value, k) => value === 0 && p[(k + 1) % 8] === 1).length;
    if (count < 2 || count > 6 || rises !== 1) return 0;
    const [north, , east, , south, , west] = p;
    const first = !(north && east && south) && !(east && south && west);
    const second = !(north && east && west) && !(north && south && west);
    return (first ? 1 : 0) | (second ? 2 : 0);
  });
  // scikit-image (whose table comes from ImageJ) departs from the paper at these corners and staircases.
  const departures: Readonly<Record<number, readonly number[]>> = {
    0: [24, 192],
    1: [3, 6, 7, 67, 97, 99, 129, 133, 193, 208],
    2: [12, 13, 28, 48, 52, 54, 88, 96, 112],
    3: [5, 20, 65, 80],
  };
  for (const [pass, codes] of Object.entries(departures)) for (const code of codes) table[code] = Number(pass);
  return table;
}

function thinVolume(volume: Uint8Array, row: number, plane: number): void {
  const around: number[] = [];
  for (let dz = -1; dz <= 1; dz++)
    for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) around.push(dz * plane + dy * row + dx);
  const block = new Uint8Array(27);
  const look = (at: number): number => {
    let count = 0;
    for (let k = 0; k < 27; k++) count += block[k] = volume[at + around[k]];
    return count;
  };
  let voxels = foreground(volume);
  for (let still = 0; still < 6;) {
    still = 0;
    for (const towards of [-row, row, 1, -1, plane, -plane]) {
      const candidates = voxels.filter(
        (at) => volume[at + towards] === 0 && look(at) !== 2 && keepsEulerNumber(block) && isSimple(block),
      );
      let removed = 0;
      for (const at of candidates) {
        look(at);
        if (!isSimple(block)) continue;
        volume[at] = 0;
        removed++;
      }
      if (removed === 0) still++;
      else voxels = voxels.filter((at) => volume[at]);
    }
  }
}

/** The neighbours of the centre that share each of its 6 faces, 12 edges and 8 corners with it. */
const cells: readonly { readonly sign: 1 | -1; readonly sharing: readonly number[] }[] = allDirections().map((direction) => {
  const axes = direction.filter((step) => step !== 0).length;
  const sharing = allDirections()
    .filter((other) => other.every((step, axis) => step === 0 || step === direction[axis]))
    .map(([z, y, x]) => (z + 1) * 9 + (y + 1) * 3 + x + 1);
  return { sign: axes === 2 ? -1 : 1, sharing };
});

function allDirections(): [number, number, number][] {
  const steps = [-1, 0, 1];
  return steps
    .flatMap((z) => steps.flatMap((y) => steps.map((x): [number, number, number] => [z, y, x])))
    .filter((d) => d.some((step) => step !== 0));
}

// Taking the cube away takes those corners, edges and faces that no other cube has: V − E + F − 1 must be 0.
function keepsEulerNumber(block: Uint8Array): boolean {
  let change = -1;
  for (const { sign, sharing } of cells) if (sharing.every((k) => block[k] === 0)) change += sign;
  return change === 0;
}

/** The 26 neighbours that are set hang together. */
function isSimple(block: Uint8Array): boolean {
  const seen = new Uint8Array(27);
  const first = block.findIndex((value, k) => value === 1 && k !== 13);
  if (first < 0) return true;
  const queue = [first];
  seen[first] = 1;
  let reached = 1;
  while (queue.length > 0) {
    for (const next of touching[queue.pop() ?? 0]) {
      if (seen[next] || block[next] === 0) continue;
      seen[next] = 1;
      reached++;
      queue.push(next);
    }
  }
  let all = 0;
  for (let k = 0; k < 27; k++) if (k !== 13) all += block[k];
  return reached === all;
}

/** For each place of a 3×3×3 block the places next to it (26-connected), without the centre. */
const touching: readonly (readonly number[])[] = Array.from({ length: 27 }, (_, k) => {
  const [z, y, x] = [Math.floor(k / 9), Math.floor(k / 3) % 3, k % 3];
  return Array.from({ length: 27 }, (_, other) => other).filter((other) => {
    const apart = [Math.floor(other / 9) - z, (Math.floor(other / 3) % 3) - y, (other % 3) - x];
    return other !== k && other !== 13 && apart.every((step) => Math.abs(step) <= 1);
  });
});

function foreground(image: Uint8Array): number[] {
  const voxels: number[] = [];
  for (let i = 0; i < image.length; i++) if (image[i]) voxels.push(i);
  return voxels;
}
