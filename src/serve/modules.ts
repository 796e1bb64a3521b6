import { readFile } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const room = import.meta.dirname;

/**
 * A page's module and every module it imports, by the address each is served at: their place in this room, so that
 * relative imports mean the same in the browser.
 * @throws Error for an import that leaves the room: a page cannot use what runs in Node
 */
export async function pageModules(page: URL): Promise<{ entry: string; files: ReadonlyMap<string, string> }> {
  const files = new Map<string, string>();
  const visit = async (path: string): Promise<void> => {
    const address = addressOf(path);
    if (files.has(address)) return;
    const code = (await readFile(path, "utf8")).replace(/^\/\/# sourceMappingURL=.*$/m, "");
    files.set(address, code);
    for (const [, name] of code.matchAll(/^(?:import|export)\b[^"';]*?["']([^"']+)["'];?$/gm)) {
      if (!name.startsWith(".")) throw new Error(`${address} imports ${name}: a page may import only modules of src/serve`);
      await visit(resolve(dirname(path), name));
    }
  };
  const path = fileURLToPath(page);
  await visit(path);
  return { entry: addressOf(path), files };
}

function addressOf(path: string): string {
  const inside = relative(room, path);
  if (inside.startsWith("..") || !inside.endsWith(".js")) throw new Error(`${path} is no module of src/serve`);
  return `/${inside.split(sep).join("/")}`;
}
