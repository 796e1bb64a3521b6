import { FolioError } from "../core/index.js";
import { hasTag, type Cell, type Notebook } from "./nbformat.js";

/** Text of a solution would have been left in the student's notebook. */
export class SolutionLeak extends FolioError {
  readonly code = "solution-leak";
  constructor(
    readonly notebook: string,
    readonly cell: number,
    readonly line: string,
  ) {
    super(
      `${notebook}: cell ${cell} would show the student the solution's line “${line}”. Put it between // BEGIN SOLUTION and // END SOLUTION, or tag the cell “solution”.`,
    );
  }
}

const region = /^([^\S\n]*)\/\/ BEGIN SOLUTION[^\n]*\n([^]*?)^[^\S\n]*\/\/ END SOLUTION[^\n]*(\n|$)/gm;
const studentLine = /^([^\S\n]*)\/\/ student: ?(.*)(\n|$)/gm;

/**
 * The student's version of a source notebook: cells tagged `solution` are gone, what stands between `// BEGIN SOLUTION` and
 * `// END SOLUTION` is a line to fill in, `// student: CODE` lines become their code, and there are no outputs.
 * @throws SolutionLeak when a line of a solution stands elsewhere too
 */
export function studentVersion(notebook: Notebook, name = "notebook"): Notebook {
  const hidden = notebook.cells.flatMap((cell) =>
    hasTag(cell, "solution") ? [cell.source] : [...cell.source.matchAll(region)].map(([, , text]) => text),
  );
  const cells = notebook.cells
    .filter((cell) => !hasTag(cell, "solution"))
    .map((cell) =>
      withSource(cell, cell.source.replaceAll(region, "$1// Your code here.$3").replaceAll(studentLine, "$1$2$3")),
    );
  refuseLeaks(cells, hidden, notebook, name);
  return cleanVersion({ ...notebook, cells });
}

/** The teacher's version: solutions in place, without the marks and the student's lines, without outputs. */
export function solutionVersion(notebook: Notebook): Notebook {
  const cells = notebook.cells.map((cell) =>
    withSource(cell, cell.source.replaceAll(region, "$2").replaceAll(studentLine, "")),
  );
  return cleanVersion({ ...notebook, cells });
}

/** Without outputs, counts and what front ends leave behind, so that a difference between versions is one of content. */
export function cleanVersion(notebook: Notebook): Notebook {
  const { kernelspec, language_info, ...rest } = notebook.metadata;
  const { widgets: _, signature: __, ...kept } = rest;
  const cells = notebook.cells
    .filter((cell) => !hasTag(cell, "injected-parameters"))
    .map((cell): Cell => {
      const { collapsed: _, scrolled: __, execution: ___, ExecuteTime: ____, ...metadata } = cell.metadata;
      return cell.cell_type === "code" ? { ...cell, metadata, execution_count: null, outputs: [] } : { ...cell, metadata };
    });
  return {
    ...notebook,
    metadata: {
      ...(kernelspec !== undefined && { kernelspec }),
      ...(language_info !== undefined && { language_info }),
      ...kept,
    },
    cells,
  };
}

const withSource = (cell: Cell, source: string): Cell => (cell.cell_type === "code" ? { ...cell, source } : cell);

/** A line long enough to tell something, of a solution, that a cell the student sees also has – unless it was theirs to begin with. */
function refuseLeaks(cells: readonly Cell[], hidden: readonly string[], source: Notebook, name: string): void {
  const secret = new Set(
    hidden
      .flatMap((text) => text.split("\n"))
      .map((line) => line.trim())
      .filter((line) => line.length >= 16 && /[=(]/.test(line) && !/^(import|check\()/.test(line)),
  );
  for (const cell of cells) {
    const leaked = cell.source.split("\n").find((line) => secret.has(line.trim()));
    if (leaked !== undefined && !isGiven(leaked.trim(), source))
      throw new SolutionLeak(name, source.cells.findIndex(({ id }) => id === cell.id) + 1, leaked.trim());
  }
}

/** Lines of cells tagged `exercise` may come again in the solution: that is where it starts from. */
const isGiven = (line: string, { cells }: Notebook): boolean =>
  cells.some(
    (cell) =>
      hasTag(cell, "exercise") &&
      cell.source
        .replaceAll(region, "")
        .split("\n")
        .some((one) => one.trim() === line),
  );
