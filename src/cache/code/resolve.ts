import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";

/** The file behind an import, or undefined where it is a package or part of Node. */
export type Resolve = (specifier: string, from: string) => string | undefined;

/**
 * Resolves relative imports, as Node does and with the endings TypeScript users write, and the project's own public names
 * (`folio/nn`) through the `exports` of its package.json.
 */
export function moduleResolver(root: string): Resolve {
  const { name, exports = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { name: string; exports?: Record<string, string> };
  return (specifier, from) => {
    if (specifier.startsWith(".") || isAbsolute(specifier)) return withEnding(resolve(dirname(from), specifier));
    const own = specifier === name ? "." : specifier.startsWith(`${name}/`) ? `.${specifier.slice(name.length)}` : undefined;
    const target = own === undefined ? undefined : exports[own];
    return target === undefined ? undefined : withEnding(join(root, target));
  };
}

const endings = ["", ".ts", ".mts", ".js", ".mjs", "/index.ts", "/index.js"];

function withEnding(path: string): string | undefined {
  const written = endings.map((ending) => path + ending);
  const typed = path.endsWith(".js") ? [`${path.slice(0, -3)}.ts`] : [];
  return [...written, ...typed].find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
}
