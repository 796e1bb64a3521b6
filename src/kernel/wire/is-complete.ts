import { CellSyntaxError, parseCell } from "../compile/syntax.js";

export type Completeness =
  { readonly status: "complete" | "invalid" } | { readonly status: "incomplete"; readonly indent: string };

/** Whether a console should run what was typed, or ask for another line. */
export function isComplete(source: string): Completeness {
  try {
    parseCell(source);
    return { status: "complete" };
  } catch (error) {
    if (!(error instanceof CellSyntaxError)) throw error;
    return goesOn(source, error) ? { status: "incomplete", indent: indentOf(source) } : { status: "invalid" };
  }
}

/** Some ending makes it whole, or brackets are open and the parser's complaint is at the very end. */
function goesOn(source: string, error: CellSyntaxError): boolean {
  const open = openBrackets(source);
  const closed = endings.flatMap((ending) => [ending + open, ending]);
  return (
    closed.some((ending) => ending !== "" && parses(source + ending)) ||
    (open !== "" && error.atEnd && !/unterminated/i.test(error.problem))
  );
}

const endings = ["", "x", "\nx", "\n{}", "x)", ")", " = x", ": x", ") {}", ") => {}", "\n() {}", "`", "*/"];

function parses(source: string): boolean {
  try {
    parseCell(source);
    return true;
  } catch {
    return false;
  }
}

const pairs: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** The closing brackets that are still owed, leaving strings and comments out as well as a look at the text can. */
function openBrackets(source: string): string {
  const bare = source.replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[^]*?\*\//g, "");
  const owed: string[] = [];
  for (const character of bare) {
    if (character in pairs) owed.unshift(pairs[character]);
    else if (character === owed[0]) owed.shift();
  }
  return owed.join("");
}

function indentOf(source: string): string {
  const last = source.trimEnd().split("\n").at(-1) ?? "";
  const present = /^\s*/.exec(last)?.[0] ?? "";
  return /[{([]$/.test(last.trimEnd()) ? `${present}  ` : present;
}
