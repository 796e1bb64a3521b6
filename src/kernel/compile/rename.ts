import { MagicString } from "magic-string";
import { findReferences } from "./references.js";
import type { ParsedCell } from "./syntax.js";

/**
 * Names that libraries ask the global object for to find out where they run, or that Node itself uses. A notebook may well call
 * something `window` or `process`; its variable then gets another name underneath, in every cell.
 */
export function reservedNames(target: object = globalThis): ReadonlySet<string> {
  const probes = [
    "window",
    "document",
    "self",
    "navigator",
    "importScripts",
    "module",
    "exports",
    "require",
    "define",
    "Deno",
    "Bun",
    "babelHelpers",
    "$folio",
    "__filename",
    "__dirname",
  ];
  const names = new Set(probes);
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object | null)
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  return names;
}

/** What a reserved name is called underneath. */
export const aliasOf = (name: string): string => `${name}$notebook`;

/** What the reader calls a variable. */
export const unaliased = (name: string): string => name.replace(/\$notebook$/, "");

/** The cell's text with the notebook's variables of these names called by their aliases. */
export function renameReferences({ body, source }: ParsedCell, names: ReadonlySet<string>): MagicString {
  const edits = new MagicString(source);
  for (const { name, start, end, shorthand } of findReferences(body, names))
    edits.update(start, end, shorthand ? `${name}: ${aliasOf(name)}` : aliasOf(name));
  return edits;
}
