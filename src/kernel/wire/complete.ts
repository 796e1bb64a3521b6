import type { Completions, Language } from "../language/language.js";

export interface CompleteOptions {
  readonly language: Pick<Language, "complete">;
  /** Names that a value of the running notebook has, found without calling anything: `["tf", "layers"]`; none when it is busy. */
  readonly live: (path: readonly string[]) => Promise<readonly string[]>;
  /** How long the type checker may take before the values themselves are asked; JupyterLab waits a second in all. */
  readonly patienceMs?: number;
}

/**
 * Completes by types. While the type checker is still loading, and for values of which it knows nothing (`any`, as from `JSON.parse`),
 * the names that the values have now.
 */
export async function complete(
  { language, live, patienceMs = 300 }: CompleteOptions,
  code: string,
  cursor: number,
): Promise<Completions> {
  const typed = language.complete(code, cursor);
  const at = memberAt(code, cursor);
  const held = at === undefined ? undefined : live(at.path);
  const soon = await Promise.race([typed, patience(patienceMs)]);
  if (soon !== undefined && soon.items.length > 0) return soon;
  if (at === undefined || held === undefined) return typed;
  const wanted = at.typed.toLowerCase();
  const names = (await held).filter((name) => name.toLowerCase().startsWith(wanted));
  if (names.length === 0) return typed;
  return { start: cursor - at.typed.length, end: cursor, items: names.map((text) => ({ text, kind: "property" })) };
}

const patience = (ms: number): Promise<undefined> => new Promise((resolve) => setTimeout(resolve, ms, undefined));

/** `a.b.c` before the cursor, the part still being typed apart; undefined inside a text, a comment or after a call. */
function memberAt(code: string, cursor: number): { path: string[]; typed: string } | undefined {
  const line = code.slice(0, cursor).split("\n").at(-1) ?? "";
  const [text, path, typed] = /((?:[\p{L}_$][\p{L}\p{N}_$]*\??\.)*)([\p{L}\p{N}_$]*)$/u.exec(line) ?? ["", "", ""];
  const before = line.slice(0, line.length - text.length);
  if (text === "" || /[.)\]}"'`/]\s*$|\/\//.test(before) || (before.match(/["'`]/g)?.length ?? 0) % 2 === 1) return undefined;
  return { path: path.split(/\??\./).slice(0, -1), typed };
}
