import { encodePng } from "../io/index.js";
import { figure, type Figure, type FigureOptions } from "./figure.js";
import type { SurfaceMesh } from "./surface-mesh.js";

/** Turned about the upright axis, then tipped towards the reader, in degrees. */
export interface SurfaceView {
  readonly turn: number;
  readonly tip: number;
}

const pixels = 440;

/**
 * A surface as a still picture: shaded, seen from `view`, the same shading that the page's script turns in the browser.
 * Its table tells extent and triangles.
 */
export function surfaceFigure(mesh: SurfaceMesh, { title, view = { turn: 35, tip: 20 } }: { readonly title: string; readonly view?: SurfaceView }, options: FigureOptions): Figure {
  const extent = [0, 1, 2].map((axis) => {
    let largest = 0;
    for (let i = axis; i < mesh.vertices.length; i += 3) largest = Math.max(largest, Math.abs(mesh.vertices[i]));
    return 2 * largest;
  });
  const png = Buffer.from(encodePng({ width: pixels, height: pixels, channels: 4, data: shaded(mesh, view) })).toString("base64");
  const size = extent.map((mm) => mm.toFixed(0)).join(" × ");
  return figure(options, {
    data: [{ type: "image", source: `data:image/png;base64,${png}`, hoverinfo: "skip" }],
    layout: {
      xaxis: { visible: false, range: [-0.5, pixels - 0.5], constrain: "domain" },
      yaxis: { visible: false, range: [pixels - 0.5, -0.5], scaleanchor: "x", constrain: "domain" },
    },
    height: 336,
    margin: { l: 8, r: 8, t: 26, b: 8 },
    alt: `Surface of ${title}, ${size} mm from left to right, front to back and bottom to top, seen from ${view.turn}° to the side and ${view.tip}° above.`,
    table: { columns: ["x_mm", "y_mm", "z_mm", "vertices", "triangles"], rows: [[...extent, mesh.vertices.length / 3, mesh.triangles.length / 3]] },
  });
}

/** RGBA pixels by a depth buffer; clear where nothing is. */
function shaded({ vertices, triangles }: SurfaceMesh, view: SurfaceView): Uint8Array {
  const turned = rotated(vertices, view);
  let reach = 0;
  for (let i = 0; i < turned.length; i++) reach = Math.max(reach, Math.abs(turned[i]));
  const scale = (0.46 * pixels) / (reach || 1);
  const rgba = new Uint8Array(4 * pixels * pixels);
  const nearest = new Float32Array(pixels * pixels).fill(-Infinity);
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => {
      const at = 3 * triangles[t + k];
      return [pixels / 2 + scale * turned[at], pixels / 2 - scale * turned[at + 1], turned[at + 2]];
    });
    paint(a, b, c, lightOf(turned, triangles, t), { rgba, nearest });
  }
  return rgba;
}

/** x to the right, y up, z towards the reader. */
function rotated(vertices: Float32Array, { turn, tip }: SurfaceView): Float32Array {
  const [a, b] = [(turn * Math.PI) / 180, (tip * Math.PI) / 180];
  const out = new Float32Array(vertices.length);
  for (let i = 0; i < vertices.length; i += 3) {
    const [x, y, z] = [vertices[i], vertices[i + 1], vertices[i + 2]];
    const [right, away] = [x * Math.cos(a) - y * Math.sin(a), x * Math.sin(a) + y * Math.cos(a)];
    out[i] = right;
    out[i + 1] = z * Math.cos(b) + away * Math.sin(b);
    out[i + 2] = z * Math.sin(b) - away * Math.cos(b);
  }
  return out;
}

/** Brightness of a triangle in [0.25, 1], lit from above the reader's left shoulder. */
function lightOf(points: Float32Array, triangles: Uint32Array, t: number): number {
  const [p, q, r] = [0, 1, 2].map((k) => 3 * triangles[t + k]);
  const [ux, uy, uz] = [0, 1, 2].map((k) => points[q + k] - points[p + k]);
  const [vx, vy, vz] = [0, 1, 2].map((k) => points[r + k] - points[p + k]);
  const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
  const length = Math.hypot(...normal) || 1;
  return 0.25 + 0.75 * Math.max(0, (-0.4 * normal[0] + 0.5 * normal[1] + 0.77 * normal[2]) / length);
}

function paint(a: number[], b: number[], c: number[], light: number, { rgba, nearest }: { rgba: Uint8Array; nearest: Float32Array }): void {
  const area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  if (area === 0) return;
  const low = [0, 1].map((k) => Math.max(0, Math.floor(Math.min(a[k], b[k], c[k]))));
  const high = [0, 1].map((k) => Math.min(pixels - 1, Math.ceil(Math.max(a[k], b[k], c[k]))));
  for (let y = low[1]; y <= high[1]; y++) {
    for (let x = low[0]; x <= high[0]; x++) {
      const u = ((b[0] - x) * (c[1] - y) - (b[1] - y) * (c[0] - x)) / area;
      const v = ((c[0] - x) * (a[1] - y) - (c[1] - y) * (a[0] - x)) / area;
      if (u < 0 || v < 0 || u + v > 1) continue;
      const depth = u * a[2] + v * b[2] + (1 - u - v) * c[2];
      const at = y * pixels + x;
      if (depth <= nearest[at]) continue;
      nearest[at] = depth;
      rgba.set([Math.round(70 + 120 * light), Math.round(110 + 120 * light), Math.round(140 + 105 * light), 255], 4 * at);
    }
  }
}
