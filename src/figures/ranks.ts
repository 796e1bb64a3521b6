import { figure, type Figure, type FigureOptions } from "./figure.js";
import { colour } from "./style.js";

export interface RankData {
  readonly methods: readonly string[];
  readonly meanRanks: readonly number[];
  readonly criticalDifference: number;
  /** Groups that are not separated, as thick bars. */
  readonly groups: readonly (readonly string[])[];
  /** Friedman's p-value, for the description. */
  readonly p: number;
}

/** Critical-difference diagram (Demšar 2006): mean ranks on a line, best at the left, bars under what is not separated. */
export function rankDiagram({ methods, meanRanks, criticalDifference, groups, p }: RankData, options: FigureOptions): Figure {
  const order = methods.map((name, i) => ({ name, rank: meanRanks[i] })).sort((a, b) => a.rank - b.rank);
  const rankOf = new Map(order.map(({ name, rank }) => [name, rank]));
  const half = Math.ceil(order.length / 2);
  const depth = (i: number): number => -(i < half ? i : order.length - 1 - i) - 1.6 - 0.34 * groups.length;
  const line = (x0: number, y0: number, x1: number, y1: number, width = 1.2): object => ({ type: "line", x0, y0, x1, y1, line: { color: colour.ink, width } });
  const [left, right] = [0.6, methods.length + 0.4];
  return figure(options, {
    data: [{ type: "scatter", mode: "markers", x: order.map(({ rank }) => rank), y: order.map(() => 0), text: order.map(({ name }) => name), marker: { color: colour.ink, size: 6 }, hovertemplate: "%{text}: mean rank %{x:.2f}<extra></extra>", showlegend: false }],
    layout: {
      xaxis: { range: [left, right], visible: false },
      yaxis: { visible: false, range: [-half - 2 - 0.34 * groups.length, 2.3] },
      shapes: [
        line(1, 0, methods.length, 0),
        ...methods.map((_, i) => line(i + 1, 0, i + 1, 0.18)),
        line(1, 1.35, 1 + criticalDifference, 1.35, 2),
        ...order.flatMap(({ rank }, i) => [line(rank, 0, rank, depth(i)), line(rank, depth(i), i < half ? left + 0.15 : right - 0.15, depth(i))]),
        ...groups.map((group, g) => {
          const ranks = group.map((name) => rankOf.get(name)!);
          return line(Math.min(...ranks) - 0.04, -0.5 - 0.34 * g, Math.max(...ranks) + 0.04, -0.5 - 0.34 * g, 4);
        }),
      ],
      annotations: [
        ...methods.map((_, i) => ({ x: i + 1, y: 0.2, text: String(i + 1), yanchor: "bottom", showarrow: false, font: { size: 11.5, color: colour.muted } })),
        { x: 1, y: 1.4, text: `critical difference ${criticalDifference.toFixed(2)}`, xanchor: "left", yanchor: "bottom", showarrow: false, font: { size: 10.5, color: colour.muted } },
        ...order.map(({ name, rank }, i) => ({
          x: i < half ? left + 0.15 : right - 0.15, y: depth(i), text: `${name}  ${rank.toFixed(2)}`, showarrow: false, xanchor: i < half ? "left" : "right", yanchor: "bottom", font: { size: 12 },
        })),
      ],
    },
    width: "text",
    height: 150 + 30 * half + 12 * groups.length,
    margin: { l: 20, r: 20, t: 26, b: 10 },
    alt: `Critical-difference diagram. Mean ranks, 1 is best: ${order.map(({ name, rank }) => `${name} ${rank.toFixed(2)}`).join(", ")}. Friedman p = ${p < 0.001 ? "below 0.001" : p.toFixed(3)}; ranks closer than ${criticalDifference.toFixed(2)} are not separated${groups.length ? `: ${groups.map((group) => group.join(" and ")).join("; ")}` : ""}.`,
    table: { columns: ["method", "mean_rank"], rows: order.map(({ name, rank }) => [name, rank]) },
  });
}
