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
  if (deviation !== undefined) return { value: shown, uncertainty: `± ${fixed(deviation, decimals)}` };
  if (interval !== undefined) return { value: shown, uncertainty: `[${fixed(interval.low, decimals)}, ${fixed(interval.high, decimals)}]` };
  return { value: shown };
}

/** "95 % bootstrap interval over cases", "mean ± standard deviation over 3 seeds": what the uncertainty is. */
export function uncertaintyNote(cells: readonly NumberCell[]): string | undefined {
  const seeds = [...new Set(cells.filter((cell) => cell.deviation !== undefined).map((cell) => cell.seeds))].sort((a, b) => a - b);
  const intervals = [...new Set(cells.filter((cell) => cell.interval).map(({ interval }) => intervalName(interval!)))];
  const parts = [
    ...(seeds.length ? [`mean ± standard deviation over ${seeds.join(" or ")} seeds`] : []),
    ...(intervals.length ? [`value [${intervals.join("; ")}]`] : []),
  ];
  return parts.length ? `${capital(parts.join("; "))}.` : undefined;
}

function intervalName({ level, method, resamples, cluster }: NonNullable<NumberCell["interval"]>): string {
  const count = resamples === undefined ? "" : `, ${resamples} resamples`;
  const unit = cluster === undefined || method === "delong" ? "" : ` of ${cluster}s`;
  return `${Math.round(level * 100)} % interval, ${method.replaceAll("-", " ").replace("delong", "DeLong")}${count}${unit}`;
}

export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
