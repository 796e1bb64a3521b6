import { join } from "node:path";
import type ts from "typescript";
import { compilerOptions } from "./compiler-options.js";
import type { Completions, Diagnostic, Inspection } from "./language.js";
import { VirtualCells, type VirtualCell } from "./virtual-cells.js";

const globals = `declare function prompt(message?: string, preset?: string, options?: { password?: boolean }): string;
declare const require: NodeJS.Require; declare const __filename: string; declare const __dirname: string;
declare const WebAssembly: any; declare const navigator: { readonly hardwareConcurrency: number; readonly platform: string; readonly userAgent: string };`;

/** Assigning to another cell's variable, which is an import only in the checker's eyes; and what concerns modules, not cells. */
const notForCells = new Set([2632, 2540, 1184, 1375, 1378, 7029]);

const most = 400;

/** The type checker's answers about the cells of one notebook, all at once and in this thread. */
export class Checker {
  readonly #typescript: typeof ts;
  readonly #cells: VirtualCells;
  readonly #service: ts.LanguageService;
  #draft = "";

  constructor(typescript: typeof ts, folder: string) {
    this.#typescript = typescript;
    this.#cells = new VirtualCells(typescript, folder);
    this.#service = typescript.createLanguageService(this.#host(folder), typescript.createDocumentRegistry());
  }

  ran(cell: number, code: string): void {
    this.#cells.add(cell, code);
  }

  complete(code: string, cursor: number): Completions {
    const aName = /(^|[^\w$\u0080-\uffff.])[\w$\u0080-\uffff]*$/.test(code.slice(0, cursor));
    const file = this.#write(code, aName ? "all" : "mentioned");
    const found = this.#service.getCompletionsAtPosition(file.path, file.offset + cursor, {
      includeCompletionsWithInsertText: false,
      includeCompletionsForModuleExports: false,
    });
    const typed = /[\w$\u0080-\uffff]*$/.exec(code.slice(0, cursor))?.[0] ?? "";
    if (found === undefined) return { start: cursor, end: cursor, items: [] };
    const span = found.entries.find((entry) => entry.replacementSpan !== undefined)?.replacementSpan;
    const start = span === undefined ? cursor - typed.length : span.start - file.offset;
    const wanted = code.slice(start, cursor).toLowerCase();
    const items = found.entries
      .filter(({ name }) => name.toLowerCase().startsWith(wanted) && !name.startsWith("folio-"))
      .sort((a, b) => (a.sortText === b.sortText ? a.name.localeCompare(b.name) : a.sortText < b.sortText ? -1 : 1))
      .slice(0, most)
      .map(({ name, kind }) => ({ text: name, kind: String(kind) }));
    return { start, end: cursor, items };
  }

  inspect(code: string, cursor: number): Inspection | undefined {
    const file = this.#write(code);
    const at = file.offset + cursor;
    const info =
      this.#service.getQuickInfoAtPosition(file.path, at) ??
      this.#service.getQuickInfoAtPosition(file.path, Math.max(0, at - 1));
    if (info !== undefined) return this.#describe(info.displayParts, info.documentation, info.tags);
    const help = this.#service.getSignatureHelpItems(file.path, at, undefined);
    const item = help?.items[help.selectedItemIndex];
    if (item === undefined) return undefined;
    const parameters = item.parameters.flatMap((parameter, i) => [
      ...(i > 0 ? item.separatorDisplayParts : []),
      ...parameter.displayParts,
    ]);
    return this.#describe(
      [...item.prefixDisplayParts, ...parameters, ...item.suffixDisplayParts],
      item.documentation,
      item.tags,
    );
  }

  check(code: string): readonly Diagnostic[] {
    const file = this.#write(code);
    const found = [...this.#service.getSyntacticDiagnostics(file.path), ...this.#service.getSemanticDiagnostics(file.path)];
    return found
      .filter(
        ({ code: rule, start = 0 }) => !notForCells.has(rule) && start >= file.offset && start <= file.offset + code.length,
      )
      .map(({ start = 0, messageText, code: rule }) => {
        const before = code.slice(0, start - file.offset).split("\n");
        return {
          line: before.length,
          column: before[before.length - 1].length + 1,
          message: this.#typescript.flattenDiagnosticMessageText(messageText, " "),
          code: rule,
        };
      });
  }

  #write(code: string, sees?: "all" | "mentioned"): VirtualCell {
    const file = this.#cells.draft(code, sees);
    this.#draft = file.path;
    return file;
  }

  #describe(
    signature: readonly ts.SymbolDisplayPart[] = [],
    documentation: readonly ts.SymbolDisplayPart[] = [],
    tags: readonly ts.JSDocTagInfo[] = [],
  ): Inspection {
    const text = (parts: readonly ts.SymbolDisplayPart[]): string => parts.map((part) => part.text).join("");
    const notes = tags.map(({ name, text: parts }) => `*@${name}* ${text(parts ?? [])}`.trim());
    // A variable of an earlier cell is an import in the checker's eyes only.
    const shown = text(signature).replace(/^\(alias\) /, "").replace(/\nimport [^\n]*$/, "");
    const plain = [
      shown,
      text(documentation),
      ...tags.map(({ name, text: parts }) => `@${name} ${text(parts ?? [])}`.trim()),
    ];
    const markdown = [`\`\`\`ts\n${shown}\n\`\`\``, text(documentation), ...notes];
    return { text: plain.filter(Boolean).join("\n\n"), markdown: markdown.filter(Boolean).join("\n\n") };
  }

  #host(folder: string): ts.LanguageServiceHost {
    const typescript = this.#typescript;
    const globalsPath = join(folder, "folio-globals.d.ts");
    const own = (path: string): string | undefined => (path === globalsPath ? globals : this.#cells.file(path)?.text);
    const options = compilerOptions(typescript, folder);
    return {
      getCompilationSettings: () => options,
      getScriptFileNames: () => (this.#draft === "" ? [globalsPath] : [globalsPath, this.#draft]),
      // Files on disk may be edited while the notebook is open: their time is their version.
      getScriptVersion: (path) =>
        String(this.#cells.file(path)?.version ?? typescript.sys.getModifiedTime?.(path)?.getTime() ?? 0),
      getScriptSnapshot: (path) => {
        const text = own(path) ?? typescript.sys.readFile(path);
        return text === undefined ? undefined : typescript.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => folder,
      getDefaultLibFileName: (settings) => typescript.getDefaultLibFilePath(settings),
      fileExists: (path) => own(path) !== undefined || typescript.sys.fileExists(path),
      readFile: (path) => own(path) ?? typescript.sys.readFile(path),
      readDirectory: typescript.sys.readDirectory,
      directoryExists: typescript.sys.directoryExists,
      getDirectories: typescript.sys.getDirectories,
      realpath: typescript.sys.realpath,
      useCaseSensitiveFileNames: () => typescript.sys.useCaseSensitiveFileNames,
    };
  }
}
