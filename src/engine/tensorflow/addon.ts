import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { resolvePackage, type ResolvePackage } from "../optional-package.js";

export type NodeEngine = "tensorflow" | "tensorflow-gpu";

/** What `folio engine install` builds tfjs-node's addon against. */
export const tensorflowVersion = "2.21.0";

/** tfjs-node's package of each engine; both hold the same code. */
export const packages: Readonly<Record<NodeEngine, string>> = {
  tensorflow: "@tensorflow/tfjs-node",
  "tensorflow-gpu": "@tensorflow/tfjs-node-gpu",
};

/** Where `folio engine install tensorflow` puts what it builds. */
export function installedFolder(engine: NodeEngine, env: NodeJS.ProcessEnv = process.env): string {
  const cache = join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "folio");
  return join(cache, `${engine}-${tensorflowVersion}`);
}

/** A package of tfjs-node that was found. */
export interface Addon {
  /** Its main file. */
  readonly main: string;
  /** Whether its native part was downloaded or built; npm without install scripts leaves it out. */
  readonly complete: boolean;
}

/** What `folio engine install` built, else what lies in the user's project or beside Folio. */
export function findAddon(engine: NodeEngine, resolve: ResolvePackage = resolvePackage): Addon | undefined {
  const own = (): string => createRequire(join(installedFolder(engine), "package.json")).resolve(packages.tensorflow);
  const found = [own, () => resolve(packages[engine])].flatMap((look) => {
    try {
      return [describe(look())];
    } catch {
      return [];
    }
  });
  return found.find(({ complete }) => complete) ?? found[0];
}

function describe(main: string): Addon {
  const lib = join(dirname(main), "..", "lib");
  const complete = existsSync(lib) && readdirSync(lib).some((folder) => existsSync(join(lib, folder, "tfjs_binding.node")));
  return { main, complete };
}
