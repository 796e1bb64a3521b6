import type { ResultRecord } from "../results/index.js";
import type { ReportConfig } from "./config.js";
import type { Warning } from "./template/problems.js";

/** A number in the text that looks like a result and comes from no record. */
export interface TypedNumber {
  readonly line: number;
  readonly number: string;
  readonly because: string;
}

/** What a report measures, as its text may name it. */
export interface Measured {
  readonly metrics: readonly string[];
  /** Every series' label with the values that were measured of it. */
  readonly series: readonly { readonly label: string; readonly values: readonly number[] }[];
}

/**
 * Finds results that were typed into a template instead of asked for by `{{value …}}`:
 *
 * - a decimal number or percentage in a sentence that names a metric of the report ("an AUC of 0.91", "Dice rose by 12 %"),
 * - a decimal number in a sentence that names a series, when that very number was measured of it ("ours reaches 0.913").
 *
 * Let pass are sentences with a citation, which is their source; math, code and headings; numbers of sections and versions; numbers
 * with a unit, unless one was measured that is the same; and the levels that statistics and protocols use (0.5, 0.1, 0.05, 95 % …).
 * `{{given "0.38" source="…"}}` is for whatever else is right.
 *
 * @example typedNumbers("Ours has an AUC of 0.91.", { metrics: ["AUC"], series: [] }) // [{ line: 1, number: "0.91", because: "its sentence speaks of AUC" }]
 */
export function typedNumbers(source: string, measured: Measured): TypedNumber[] {
  return sentences(withoutHelpers(source)).flatMap(({ text, line }) => {
    if (text.includes(cited)) return [];
    const metric = measured.metrics.find((name) => names(text, name));
    const series = measured.series.filter(({ label }) => names(text, label));
    return [...text.matchAll(numberPattern)].flatMap((match) => {
      const [whole, digits, percent] = match;
      const before = text.slice(0, match.index);
      if (usual.has(digits + (percent ? "%" : "")) || /(?:[Ss]ections?|[Tt]ables?|[Ff]igures?|[Ee]quations?|Appendix|version|v|Node|Python)\s*$/.test(before)) return [];
      const same = series.find(({ values }) => values.some((value) => sameNumber(value, digits, percent !== undefined)));
      const unit = unitPattern.test(text.slice(match.index + whole.length));
      const because = same ? `${same.label} was measured at that` : metric && !unit && (percent || digits.includes(".")) ? `its sentence speaks of ${metric}` : undefined;
      return because === undefined ? [] : [{ line: line + before.split("\n").length - 1, number: whole.trim(), because }];
    });
  });
}

/** The same for a whole report: its template, its captions, and the abstract. */
export function typedNumberWarnings(template: string, config: ReportConfig, records: readonly ResultRecord[]): Warning[] {
  const ids = [...new Set(records.flatMap(({ metrics }) => metrics.map(({ id }) => id)))];
  const measured: Measured = {
    metrics: [...new Set(ids.flatMap((id) => [config.labels[id] ?? id, id]))],
    series: config.series.map(({ method, variant, label }) => ({
      label,
      values: records.filter((record) => record.method === method && record.variant === variant).flatMap(({ metrics }) => metrics.flatMap(({ value }) => value ?? [])),
    })),
  };
  const told = (where: string, { line, number, because }: TypedNumber): Warning => ({
    line, code: "typed-number", message: `${number} is typed into ${where}, and ${because}; ask a record with {{value …}}, cite its source, or write {{given "${number}" source="…"}}`,
  });
  return [
    ...typedNumbers(template, measured).map((found) => told("the text", found)),
    ...typedNumbers(config.abstract ?? "", measured).map((found) => told("the abstract of report.json", { ...found, line: 0 })),
  ];
}

const [cited, elsewhere] = ["\uE010", "\uE011"];

/** Not inside a word, a version or a range of either: `F1`, `3.12.1` and `x2` are none. A percentage counts without a point too. */
const numberPattern = /(?<![\w.–-])(\d*\.\d+|\d+(?=\s*%))(?![\w]|\.\d)(\s*%)?/g;

const usual: ReadonlySet<string> = new Set(["0.5", "0.1", "0.2", "0.05", "0.01", "0.001", "0.90", "0.95", "0.99", "0%", "1%", "5%", "10%", "50%", "90%", "95%", "99%", "100%"]);

const unitPattern = /^[\s\u00a0\u202f]*(?:mm|cm|µm|m|s|ms|min|h|[kMG]?Hz|[kMGT]i?B|T|dB|px|pixels?|voxels?|°|×|years?)(?![\w])/;

const names = (text: string, name: string): boolean => name.length > 1 && new RegExp(`(?<![\\w-])${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`, "i").test(text);

/** Two decimals at least: a rounder number is like too many. */
function sameNumber(value: number, digits: string, percent: boolean): boolean {
  const decimals = (digits.split(".")[1] ?? "").length;
  return percent ? decimals >= 1 && (100 * value).toFixed(decimals) === digits : decimals >= 2 && value.toFixed(decimals).replace(/^0/, "") === digits.replace(/^0/, "");
}

/** Every line stays where it is; of helpers only captions are text. */
function withoutHelpers(source: string): string {
  const lines = (text: string): string => "\n".repeat(text.split("\n").length - 1);
  return source
    .replaceAll(/\{\{!--[\s\S]*?--\}\}|\{\{#(\w+)[\s\S]*?\{\{\/\1\}\}|^(```|~~~)[\s\S]*?^\2.*$/gm, lines)
    .replaceAll(/\{\{\{?\s*(\w+)((?:"[^"]*"|[^"}])*)\}?\}\}/g, (whole, helper: string, rest: string) => {
      if (helper === "cite") return cited + lines(whole);
      const caption = /\bcaption="([^"]*)"/.exec(rest)?.[1];
      return caption === undefined ? elsewhere + lines(whole) : caption + lines(whole.replace(caption, ""));
    })
    .replaceAll(/`[^`\n]*`|\$\$[\s\S]*?\$\$|(?<!\\)\$[^$\s][^$\n]*\$|\]\([^)\s]*\)|^#{1,6} .*$/gm, (whole) => elsewhere + lines(whole));
}

function sentences(text: string): { text: string; line: number }[] {
  const found: { text: string; line: number }[] = [];
  let line = 1;
  for (const part of text.split(/(\n\s*\n|(?<=[.!?])\s+(?=[^\s\da-z])|\n(?=\s*(?:[-*+]|\d+\.)\s|\s*\[\^))/)) {
    if (/\S/.test(part)) found.push({ text: part, line });
    line += part.split("\n").length - 1;
  }
  return found;
}
