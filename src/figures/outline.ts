/** Row-major, row 0 at the top; above 0 is inside. */
export interface Mask {
  readonly shape: readonly [rows: number, columns: number];
  readonly values: ArrayLike<number>;
}

/** Closed loops as one line broken by nulls, in pixel coordinates: a pixel's centre is a whole number, its edges lie half a pixel away. */
export interface Outline {
  readonly x: (number | null)[];
  readonly y: (number | null)[];
}

/**
 * The border of a mask along its pixels' edges. Outer borders run clockwise as seen on screen, holes the other way, so
 * that a fill by the non-zero rule leaves holes open and the loops' signed areas add up to the number of pixels inside.
 *
 * @example maskOutline({ shape: [1, 2], values: [0, 1] }) // { x: [0.5, 1.5, 1.5, 0.5, 0.5], y: [-0.5, -0.5, 0.5, 0.5, -0.5] }
 */
export function maskOutline(mask: Mask): Outline {
  const edges = borderEdges(mask);
  const x: (number | null)[] = [];
  const y: (number | null)[] = [];
  for (const start of edges.keys()) {
    while (edges.get(start)?.length) {
      const loop = withoutStraightPoints(follow(edges, start, mask.shape[1] + 1));
      if (x.length) {
        x.push(null);
        y.push(null);
      }
      for (const [column, row] of loop) {
        x.push(column - 0.5);
        y.push(row - 0.5);
      }
    }
  }
  return { x, y };
}

type Corner = readonly [column: number, row: number];

/** Corner → corners an edge leads to, the inside on its right hand. Corners are numbered row by row. */
function borderEdges({ shape: [rows, columns], values }: Mask): Map<number, number[]> {
  const edges = new Map<number, number[]>();
  const inside = (row: number, column: number): boolean => row >= 0 && row < rows && column >= 0 && column < columns && values[row * columns + column] > 0;
  const corner = (row: number, column: number): number => row * (columns + 1) + column;
  const add = (from: number, to: number): void => void (edges.get(from)?.push(to) ?? edges.set(from, [to]));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!inside(row, column)) continue;
      if (!inside(row - 1, column)) add(corner(row, column), corner(row, column + 1));
      if (!inside(row, column + 1)) add(corner(row, column + 1), corner(row + 1, column + 1));
      if (!inside(row + 1, column)) add(corner(row + 1, column + 1), corner(row + 1, column));
      if (!inside(row, column - 1)) add(corner(row + 1, column), corner(row, column));
    }
  }
  return edges;
}

/** Takes a loop's edges out. Where two pixels touch by a corner, the right turn keeps them apart. */
function follow(edges: Map<number, number[]>, start: number, width: number): Corner[] {
  const at = (corner: number): Corner => [corner % width, Math.floor(corner / width)];
  const loop: Corner[] = [at(start)];
  let before: Corner | undefined;
  for (let here = start; ; ) {
    const ways = edges.get(here)!;
    const next = ways.length === 1 || before === undefined ? ways[0] : ways.find((way) => turnsRight(before!, at(here), at(way))) ?? ways[0];
    ways.splice(ways.indexOf(next), 1);
    before = at(here);
    here = next;
    loop.push(at(here));
    if (here === start) return loop;
  }
}

function turnsRight([x0, y0]: Corner, [x1, y1]: Corner, [x2, y2]: Corner): boolean {
  return (x1 - x0) * (y2 - y1) - (y1 - y0) * (x2 - x1) > 0;
}

function withoutStraightPoints(loop: readonly Corner[]): Corner[] {
  return loop.filter(([x, y], i) => {
    const [before, after] = [loop[i - 1], loop[i + 1]];
    return before === undefined || after === undefined || !((before[0] === x && x === after[0]) || (before[1] === y && y === after[1]));
  });
}
