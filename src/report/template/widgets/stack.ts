import { caseBoxes, imagePanels, seriesStyles, type Figure, type FigureOptions } from "../../../figures/index.js";
import { caseRows, type PanelArtifact } from "../../../results/index.js";
import type { HelperArguments } from "../arguments.js";
import { artifactsOf, firstRuns, isGenerated, type FigureRequest } from "../figures/request.js";
import type { HelperContext } from "../render.js";
import { seriesOf } from "../series.js";
import { inkColour, inksOf, livePicture } from "./pictures.js";
import type { Widget } from "./widget.js";

interface Frame {
  readonly title: string;
  readonly pictures: readonly PanelArtifact[];
  readonly facts: readonly (readonly [name: string, value: number | null])[];
}

/** `{{stack id="fig-slices" series="ours" caption="…"}}`: the record's `artifacts.stack`, gone through with a slider. */
export function stackOf(id: string, args: HelperArguments, context: HelperContext): Widget | string {
  const request = requestOf(id, args, context);
  const shown = args.list("print");
  const { found, problem } = artifactsOf("stack", request);
  if (!found[0]) return problem;
  const { unit, frames } = found[0].value;
  return stackWidget(request, { unit, listed: false, shown, frames: frames.map(({ title, pictures, facts = {} }) => ({ title, pictures, facts: Object.entries(facts) })) });
}

/**
 * `{{cases id="fig-cases" series="ours, theirs" columns="dice, hd95" caption="…"}}`: a table of the cases with these columns
 * of every series, sorted by any of them; a case's pictures come from the first series' `artifacts.cases`, a stack whose
 * frames are named as the cases.
 */
export function casesOf(id: string, args: HelperArguments, context: HelperContext): Widget | string {
  const request = requestOf(id, args, context);
  const columns = args.list("columns");
  if (columns.length === 0) throw args.fault('needs columns of the cases, for example columns="dice, hd95"');
  const shown = args.list("print");
  const name = args.optional("artifact") ?? "cases";
  const { found, problem } = firstRuns(request);
  if (!found[0]) return problem;
  const tables = found.map(({ name: series, record, group }) => ({ series, rows: new Map(caseRows(record, group).map((row) => [String(row.case), row])) }));
  const pictured = artifactsOf("stack", request, name).found[0]?.value.frames ?? [];
  const byCase = new Map(pictured.map(({ title, pictures }) => [title, pictures]));
  const label = (column: string): string => context.config.labels[column] ?? column;
  const frames = [...new Set(tables.flatMap(({ rows }) => [...rows.keys()]))].map((title): Frame => ({
    title,
    pictures: byCase.get(title) ?? [],
    facts: tables.flatMap(({ series, rows }) => columns.map((column) => {
      const value = rows.get(title)?.[column];
      return [tables.length > 1 ? `${label(column)}, ${series}` : label(column), typeof value === "number" ? value : null] as const;
    })),
  }));
  if (frames.every(({ facts }) => facts.every(([, value]) => value === null))) return `no case with ${columns.join(", ")} in the records of ${request.series.map((one) => one.label).join(", ")}`;
  return stackWidget(request, { unit: "case", listed: true, shown, frames });
}

function requestOf(id: string, args: HelperArguments, context: HelperContext): FigureRequest {
  const series = seriesOf(args, context);
  if (series.length === 0) throw args.fault('needs series, for example series="ours"');
  const alt = args.optional("alt");
  const options = { id, caption: args.text("caption", "What it shows"), generated: isGenerated(series, context), ...(alt !== undefined && { alt }) };
  return { options, series, args, context };
}

/** Frames to go through; `shown` names those that stand in print, otherwise up to four evenly apart. */
export function stackWidget({ options }: Pick<FigureRequest, "options">, { unit, listed, frames, shown }: { unit: string; listed: boolean; frames: readonly Frame[]; shown: readonly string[] }): Widget {
  const all = frames.flatMap(({ pictures }) => pictures);
  const inks = inksOf(all);
  const printed = printedFrames(frames, shown, unit === "slice");
  const first = unit === "slice" ? frames.indexOf(printed[Math.floor(printed.length / 2)]) : 0;
  const each = printed[0]?.pictures.length ?? 1;
  // Several pictures a step: steps go from left to right, as one reads.
  const across = each > 1 && printed.length >= each && printed.length <= 6 && printed.every(({ pictures }) => pictures.length === each);
  const entries = printed.flatMap((frame, step) => frame.pictures.map((one, i) => ({ one, frame, at: across ? i * printed.length + step : 0 }))).sort((a, b) => a.at - b.at);
  const panels = entries.map(({ one, frame: { title, pictures } }) => ({
    ...one,
    title: pictures.length > 1 || one.title !== title ? `${title}: ${one.title}` : title,
    overlays: (one.overlays ?? []).map((overlay) => (overlay.draw === "heat" ? overlay : { ...overlay, colour: inkColour(inks.get(overlay.name)!) })),
  }));
  const columns = across ? printed.length : each > 1 ? each * Math.max(1, Math.floor(4 / each)) : Math.min(4, panels.length);
  return {
    type: "stack",
    caption: options.caption ?? "",
    generated: options.generated,
    twin: panels.length ? imagePanels(panels, { ...options, columns }) : casesTwin(options, frames),
    data: { unit, listed, first, frames: frames.map(({ title, pictures, facts }) => ({ title, facts, pictures: pictures.map((one) => livePicture(one, inks)) })) },
  };
}

/** The named ones, or up to four: the first and last steps are worth seeing, the outermost slices are empty. */
function printedFrames(frames: readonly Frame[], shown: readonly string[], within: boolean): Frame[] {
  const pictured = frames.filter(({ pictures }) => pictures.length > 0);
  const named = shown.flatMap((name) => pictured.find(({ title }, i) => title === name || String(i) === name) ?? []);
  if (named.length) return named;
  const count = Math.min(pictured.length, 4);
  const share = (i: number): number => (within ? (i + 1) / (count + 1) : count === 1 ? 0 : i / (count - 1));
  return Array.from({ length: count }, (_, i) => pictured[Math.round(share(i) * (pictured.length - 1))]);
}

/** Cases without pictures: what the browser's first column holds, as boxes. */
function casesTwin(options: FigureOptions, frames: readonly Frame[]): Figure {
  const names = frames[0].facts.map(([name]) => name);
  const [column] = names[0].split(", ");
  const shown = names.filter((name) => name === column || name.startsWith(`${column}, `));
  const styles = seriesStyles(shown);
  const values = (name: string): (number | null)[] => frames.map(({ facts }) => facts.find(([own]) => own === name)?.[1] ?? null);
  return caseBoxes(shown.map((name) => ({ name: name.slice(column.length + 2) || column, style: styles.get(name)!, values: values(name) })), { ...options, yTitle: column, cases: frames.map(({ title }) => title) });
}
