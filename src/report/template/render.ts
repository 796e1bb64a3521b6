import Handlebars from "handlebars";
import type { ResultRecord, StudyOutcome } from "../../results/index.js";
import type { ReportConfig } from "../config.js";
import { HelperArguments } from "./arguments.js";
import { helpers } from "./helpers.js";
import { blockKinds, marker, withoutMarkers, type Item } from "./items.js";
import { TemplateError, type Warning } from "./problems.js";

export interface TemplateInput {
  /** Named in errors: `reports/five-papers/report.md.hbs`. */
  readonly file: string;
  readonly source: string;
  /** The report's folder, from which files that helpers name are found. */
  readonly folder: string;
  readonly config: ReportConfig;
  readonly records: readonly ResultRecord[];
  /** Of the study that the records come from, where they come from one. */
  readonly outcome?: StudyOutcome;
}

/** The template's text with a marker wherever a helper stood, and what stands there. */
export interface Rendered {
  readonly markdown: string;
  readonly items: readonly Item[];
  readonly warnings: readonly Warning[];
}

/** What a helper may use and where it reports. */
export interface HelperContext extends TemplateInput {
  readonly line: number;
  warn(code: string, message: string): void;
  /** Ids are unique in a report. */
  claim(id: string): void;
}

/**
 * Runs the Handlebars template. Helpers return data, not text, so nothing they hold can inject markup.
 * @throws TemplateError with the line at fault
 */
export async function renderTemplate(input: TemplateInput): Promise<Rendered> {
  const items: (Item | Promise<Item>)[] = [];
  const warnings: Warning[] = [];
  const ids = new Map<string, number>();
  const handlebars = Handlebars.create();
  for (const [name, helper] of Object.entries(helpers)) {
    handlebars.registerHelper(name, (...all: unknown[]) => {
      const options = all.pop() as Handlebars.HelperOptions & { loc?: { start: { line: number } } };
      const line = options.loc?.start.line ?? 0;
      const args = new HelperArguments(input.file, line, name, options.hash as Record<string, unknown>);
      const body = typeof options.fn === "function" ? options.fn({}) : undefined;
      const positional = [...all, ...(body === undefined ? [] : [body])].map(String);
      const item = helper(args, positional, {
        ...input,
        line,
        warn: (code, message) => warnings.push({ line, code, message }),
        claim: (id) => {
          const before = ids.get(id);
          if (before !== undefined) throw args.fault(`uses the id "${id}" that line ${before} already has`);
          ids.set(id, line);
        },
      });
      items.push(item);
      // What takes time to read stands by itself.
      const block = item instanceof Promise || blockKinds.has(item.kind) || (item.kind === "missing" && item.block);
      return new handlebars.SafeString(block ? `\n\n${marker(items.length - 1)}\n\n` : marker(items.length - 1));
    });
  }
  const markdown = run(handlebars, { ...input, source: withoutMarkers(input.source) });
  return { markdown, items: await Promise.all(items), warnings };
}

function run(handlebars: typeof Handlebars, { file, source, config }: TemplateInput): string {
  try {
    const known = Object.fromEntries(Object.keys(helpers).map((name) => [name, true]));
    return handlebars.compile(source, { strict: true, knownHelpers: known, knownHelpersOnly: false, preventIndent: true })({
      title: config.title,
      authors: config.authors.map((author) => author.name),
    });
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    const text = (error as Error).message;
    const line = Number(/line (\d+)/i.exec(text)?.[1] ?? (error as { lineNumber?: number }).lineNumber ?? 0);
    const unknown = /Missing helper: "?([\w-]+)/.exec(text)?.[1] ?? /"([\w-]+)" not defined/.exec(text)?.[1];
    if (unknown === undefined) throw new TemplateError(file, line, "…", `cannot be read: ${text.replaceAll(/\s*\n\s*/g, " ")}`);
    throw new TemplateError(file, line || lineOf(source, unknown), unknown, `is not known; there are ${Object.keys(helpers).join(", ")}`);
  }
}

function lineOf(source: string, name: string): number {
  const at = source.search(new RegExp(`\\{\\{\\{?#?\\s*${name}\\b`));
  return at < 0 ? 0 : source.slice(0, at).split("\n").length;
}
