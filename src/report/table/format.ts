import type { NumberCell } from "./model.js";

/** Typographic minus, fixed decimals: "−0.31". */
export function fixed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/**
 * Decimals worth printing for numbers this uncertain: the first digit of the uncertainty, at least 2 and at most 4.
 * @example decimalsFor([0.08, 0.11]) // 2
 * @example decimalsFor([0.004]) // 3
 */
export function decimalsFor(uncertainties: readonly number[]): number {
  const positive = uncertainties.filter((size) => size > 0).sort((a, b) => a - b);
  if (positive.length === 0) return 2;
  const middle = positive[Math.floor(positive.length / 2)]!;
  return Math.min(4, Math.max(2, Math.ceil(-Math.log10(middle))));
}

/** The number and its uncertainty as separate texts, so that a table can align and set them apart. */
export function numberTexts(cell: NumberCell): { value: string; uncertainty?: string } {
  const { value, decimals, deviation, interval } = cell;
  if (value === null) return { value: "—" };
  const shown = fixed(value, decimals);
  const spread = deviation === undefined ? [] : [`± ${fixed(deviation, decimals)}`];
  const range = interval === undefined ? [] : [`[${fixed(interval.low, decimals)}, ${fixed(interval.high, decimals)}]`];
  const uncertainty = [...spread, ...range].join(" ");
  return { value: shown, ...(uncertainty !== "" && { uncertainty }) };
}

/** "95 % bootstrap interval over cases", "mean ± standard deviation over 3 seeds": what the uncertainty is. */
export function uncertaintyNote(cells: readonly NumberCell[]): string | undefined {
  const spreads = cells.filter((cell) => cell.deviation !== undefined);
  const counts = [...new Set(spreads.map((cell) => `${cell.seeds} ${cell.over === "folds" ? "folds" : "seeds"}`))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const intervals = [...new Set(cells.filter((cell) => cell.interval).map(({ interval }) => intervalName(interval!)))];
  const averaged = spreads.some((cell) => cell.interval) ? " over test cases, bounds averaged over the runs" : "";
  const parts = [
    ...(counts.length ? [`mean ± standard deviation over ${counts.join(" or ")}`] : []),
    ...(intervals.length ? [`${averaged === "" ? "value " : ""}[${intervals.join("; ")}${averaged}]`] : []),
  ];
  return parts.length ? `${capital(parts.join("; "))}.` : undefined;
}

function intervalName({ level, method, resamples, cluster }: NonNullable<NumberCell["interval"]>): string {
  const count = resamples === undefined ? "" : `, ${resamples} resamples`;
  const unit = cluster === undefined || method === "delong" ? "" : ` of ${cluster}s`;
  return `${Math.round(level * 100)} % interval, ${method.replaceAll("-", " ").replace("delong", "DeLong")}${count}${unit}`;
}

export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
