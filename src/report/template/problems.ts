import { FolioError } from "../../core/index.js";

/** A helper was called in a way it does not understand; the line is the template's. */
export class TemplateError extends FolioError {
  readonly code = "template-error";
  constructor(
    readonly file: string,
    readonly line: number,
    readonly helper: string,
    readonly problem: string,
  ) {
    super(`${file}:${line}: {{${helper}}} ${problem}.`);
  }
}

/** Something the report lacks but can be built without; it is shown in the report and fails `--check`. */
export interface Warning {
  readonly line: number;
  /** `missing-record`, `dangling-reference`, `unknown-citation` … */
  readonly code: string;
  readonly message: string;
}

/** `--check`: the report was built, but not everything it speaks of is there. */
export class ReportIncomplete extends FolioError {
  readonly code = "report-incomplete";
  constructor(
    readonly report: string,
    readonly warnings: readonly Warning[],
  ) {
    const kinds = [...new Set(warnings.map((warning) => warning.code))].join(", ");
    super(`${report}: ${warnings.length} ${warnings.length === 1 ? "thing is" : "things are"} missing or unproven (${kinds}). Run the studies they come from, or correct the template.`);
  }
}
