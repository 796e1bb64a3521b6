import { InvalidValue } from "../core/index.js";
import { figure, wrapped, type Figure, type FigureOptions } from "./figure.js";
import { colour, translucent } from "./style.js";

export interface ArchitectureBlock {
  /** Links name it. */
  readonly id: string;
  readonly title: string;
  /** A short second line: the shape that leaves the block, `64 × 64 × 32`. */
  readonly detail?: string;
  /** Numbers in the block, counted from the model. */
  readonly parameters?: number;
  /** `learned` unless given; `frozen` blocks keep their published weights, `fixed` ones have none. */
  readonly kind?: "data" | "learned" | "frozen" | "fixed";
  /** Row from the top, from 0; blocks of one column are stacked in their order unless given. */
  readonly lane?: number;
}

export interface ArchitectureData {
  readonly blocks: readonly ArchitectureBlock[];
  readonly links: readonly (readonly [from: string, to: string])[];
}

const [width, gap, boxHeight, laneHeight, top, mostColumns] = [680, 30, 54, 76, 26, 6];

/**
 * A model as boxes and arrows, left to right by the longest way from the input. Shapes and parameter counts come from
 * the model itself, so the drawing cannot fall behind the code. A model deeper than six columns goes on in a second
 * line of boxes below.
 *
 * @throws InvalidValue for a link to a block that is not there, or links that go round in a circle
 * @example architectureDiagram({ blocks: [{ id: "image", title: "Image", kind: "data", detail: "64 × 64 × 3" }, { id: "encoder", title: "ViT", parameters: 86e6, kind: "frozen" }], links: [["image", "encoder"]] }, { id: "model", generated: false })
 */
export function architectureDiagram({ blocks, links }: ArchitectureData, options: FigureOptions): Figure {
  const columns = columnsOf(blocks, links, options.id);
  const nColumns = Math.max(...columns.values()) + 1;
  const perLine = Math.min(mostColumns, nColumns);
  const boxWidth = Math.min(118, (width - 16 - gap * (perLine - 1)) / perLine);
  const step = Math.min(boxWidth + 70, perLine > 1 ? (width - 16 - boxWidth) / (perLine - 1) : 0);
  const lanes = lanesOf(blocks, columns);
  const lineHeight = (Math.max(...lanes.values()) + 1) * laneHeight + 14;
  const lines = Math.ceil(nColumns / perLine);
  const height = top + lines * lineHeight - 26;
  const left = (width - step * (perLine - 1) - boxWidth) / 2;
  const place = (id: string): Spot => {
    const column = columns.get(id)!;
    const line = Math.floor(column / perLine);
    return { x: left + (column % perLine) * step, y: top + line * lineHeight + lanes.get(id)! * laneHeight, line, width: boxWidth };
  };
  return figure({ width: "text", ...options }, {
    data: [{ type: "scatter", mode: "markers", x: blocks.map(({ id }) => place(id).x + boxWidth / 2), y: blocks.map(({ id }) => place(id).y + boxHeight / 2), text: blocks.map(describeBlock), marker: { size: 40, opacity: 0, color: colour.paper }, hovertemplate: "%{text}<extra></extra>", showlegend: false }],
    layout: {
      xaxis: { visible: false, range: [0, width], fixedrange: true },
      yaxis: { visible: false, range: [height, 0], fixedrange: true },
      shapes: [...links.flatMap(([from, to]) => [arrowLine(place(from), place(to))]), ...blocks.map((block) => boxShape(place(block.id), block.kind))],
      annotations: [...links.map(([from, to]) => arrowHead(place(from), place(to))), ...blocks.map((block) => boxWords(place(block.id), block))],
    },
    height,
    margin: { l: 0, r: 0, t: 0, b: 0 },
    alt: `Architecture with ${blocks.length} blocks. ${blocks.map((block) => `${describeBlock(block)}${links.some(([from]) => from === block.id) ? ` → ${links.filter(([from]) => from === block.id).map(([, to]) => blocks.find(({ id }) => id === to)!.title).join(" and ")}` : ""}`).join("; ")}.`,
    table: { columns: ["block", "kind", "detail", "parameters", "feeds"], rows: blocks.map(({ id, title, kind = "learned", detail, parameters }) => [title, kind, detail ?? null, parameters ?? null, links.filter(([from]) => from === id).map(([, to]) => to).join(" ")]) },
  });
}

/** 86,012,345 → "86.0 M"; 5,320 → "5.3 k". */
export function countText(count: number): string {
  const [value, unit] = count >= 1e9 ? [count / 1e9, " G"] : count >= 1e6 ? [count / 1e6, " M"] : count >= 1e3 ? [count / 1e3, " k"] : [count, ""];
  return unit === "" ? String(value) : `${value.toFixed(value >= 100 ? 0 : 1)}${unit}`;
}

function describeBlock({ title, detail, parameters, kind = "learned" }: ArchitectureBlock): string {
  const count = parameters === undefined ? "" : `${countText(parameters)} parameters${kind === "frozen" ? ", frozen" : ""}`;
  return [title, [detail, count].filter(Boolean).join(", ")].filter(Boolean).join(": ");
}

function columnsOf(blocks: readonly ArchitectureBlock[], links: ArchitectureData["links"], id: string): Map<string, number> {
  const known = new Set(blocks.map((block) => block.id));
  for (const end of links.flat()) if (!known.has(end)) throw new InvalidValue(`figure ${id}`, `has a link to no block; there are ${[...known].join(", ")}`, end);
  const columns = new Map(blocks.map((block) => [block.id, 0]));
  for (let round = 0; ; round++) {
    const late = links.filter(([from, to]) => columns.get(to)! <= columns.get(from)!);
    if (late.length === 0) return columns;
    if (round > blocks.length) throw new InvalidValue(`figure ${id}`, "must not have links that go round in a circle", late[0].join(" → "));
    for (const [from, to] of late) columns.set(to, columns.get(from)! + 1);
  }
}

function lanesOf(blocks: readonly ArchitectureBlock[], columns: ReadonlyMap<string, number>): Map<string, number> {
  const taken = new Map<number, Set<number>>();
  const lanes = new Map<string, number>();
  for (const { id, lane } of blocks) {
    const used = taken.get(columns.get(id)!) ?? new Set<number>();
    const firstFree = [...used, -1].map((at) => at + 1).sort((a, b) => a - b).find((at) => !used.has(at))!;
    const free = lane ?? firstFree;
    used.add(free);
    taken.set(columns.get(id)!, used);
    lanes.set(id, free);
  }
  return lanes;
}

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly line: number;
  readonly width: number;
}

const looks = {
  data: { line: colour.rule, fill: colour.paper, dash: "solid" },
  learned: { line: colour.series1, fill: translucent(colour.series1, 0.12), dash: "solid" },
  frozen: { line: colour.series4, fill: translucent(colour.series4, 0.12), dash: "dash" },
  fixed: { line: colour.rule, fill: colour.shade, dash: "solid" },
} as const;

function boxShape({ x, y, width: boxWidth }: Spot, kind: ArchitectureBlock["kind"] = "learned"): object {
  const { line, fill, dash } = looks[kind];
  const [r, x1, y1] = [6, x + boxWidth, y + boxHeight];
  const path = `M${x + r},${y} L${x1 - r},${y} Q${x1},${y} ${x1},${y + r} L${x1},${y1 - r} Q${x1},${y1} ${x1 - r},${y1} L${x + r},${y1} Q${x},${y1} ${x},${y1 - r} L${x},${y + r} Q${x},${y} ${x + r},${y} Z`;
  return { type: "path", path, line: { color: line, width: 1.3, dash }, fillcolor: fill };
}

function boxWords({ x, y, width: boxWidth }: Spot, { title, detail, parameters, kind }: ArchitectureBlock): object {
  const small = [detail, parameters === undefined ? undefined : `${countText(parameters)}${kind === "frozen" ? ", frozen" : ""}`].filter((text) => text !== undefined);
  const size = boxWidth < 100 ? 9.5 : 10.5;
  const text = [`<b>${wrapped(title, boxWidth - 6, size)}</b>`, ...small].join("<br>");
  return { x: x + boxWidth / 2, y: y + boxHeight / 2, text, showarrow: false, font: { size: text.split("<br>").length > 3 ? size - 0.8 : size, color: colour.ink } };
}

/** Straight along a lane, otherwise across half-way between the boxes. */
function route(from: Spot, to: Spot): [number, number][] {
  const boxWidth = from.width;
  const [start, end]: [number, number][] = [[from.x + boxWidth, from.y + boxHeight / 2], [to.x, to.y + boxHeight / 2]];
  if (from.line !== to.line) {
    const turn = from.y + boxHeight + 11;
    return [[from.x + boxWidth / 2, from.y + boxHeight], [from.x + boxWidth / 2, turn], [to.x + boxWidth / 2, turn], [to.x + boxWidth / 2, to.y]];
  }
  if (Math.abs(start[1] - end[1]) < 1) {
    const skips = to.x - from.x > boxWidth + 90;
    return skips ? [[from.x + boxWidth / 2, from.y], [from.x + boxWidth / 2, from.y - 11], [to.x + boxWidth / 2, to.y - 11], [to.x + boxWidth / 2, to.y]] : [start, end];
  }
  const middle = end[0] - 13;
  return [start, [middle, start[1]], [middle, end[1]], end];
}

function arrowLine(from: Spot, to: Spot): object {
  return { type: "path", path: route(from, to).map(([x, y], i) => `${i === 0 ? "M" : "L"}${x},${y}`).join(" "), line: { color: colour.muted, width: 1.3 }, layer: "below" };
}

function arrowHead(from: Spot, to: Spot): object {
  const [[x0, y0], [x, y]] = route(from, to).slice(-2);
  const length = Math.hypot(x - x0, y - y0) || 1;
  return { x, y, ax: x - (9 * (x - x0)) / length, ay: y - (9 * (y - y0)) / length, xref: "x", yref: "y", axref: "x", ayref: "y", text: "", showarrow: true, arrowhead: 2, arrowsize: 1, arrowwidth: 1.3, arrowcolor: colour.muted };
}
