import { BadFile } from "../core/index.js";

/** What a damaged file asks for. */
const again = "Copy it again from the source.";

/** A header that contradicts its format or itself. */
export function badHeader(file: string, problem: string, remedy: string = again): BadFile {
  return new BadFile("bad-header", file, problem, remedy);
}

/** Contents behind a good header that cannot be what was written. */
export function corrupt(file: string, problem: string, cause?: unknown): BadFile {
  return new BadFile("corrupt-data", file, problem, again, { cause });
}

/** Right by its format, but nothing here reads it. */
export function unsupported(file: string, problem: string, remedy: string): BadFile {
  return new BadFile("unsupported", file, problem, remedy);
}

export function truncated(file: string, expectedBytes: number, actualBytes: number, what = "its header announces"): BadFile {
  return new BadFile("truncated-file", file, `holds ${actualBytes} of the ${expectedBytes} bytes ${what}`, again);
}

/** Called before memory is taken. @throws BadFile `too-large` */
export function requireWithin(file: string, what: string, bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  const problem = `${what} ${bytes} bytes, more than the limit of ${maxBytes}`;
  throw new BadFile("too-large", file, problem, "If that is right, pass a larger maxBytes.");
}
