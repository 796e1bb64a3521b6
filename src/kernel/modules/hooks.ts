import type { LoadHook, ResolveHook } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../../core/index.js";
import { resolveLocal } from "./local.js";
import { isTypeScript, loadTypeScript } from "./typescript.js";

const home = pathToFileURL(join(packageRoot, "package.json")).href;
const tslab = pathToFileURL(join(packageRoot, "dist", "kernel", "tslab", "index.js")).href;

/** Hooks of Node's module loader, as `module.register` runs them in a thread of their own. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const own = ownAddress(specifier, context.parentURL);
  if (own !== undefined) return isTypeScript(own) ? { url: own, format: "module", shortCircuit: true } : next(own, context);
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!isFolio(specifier)) throw error;
    return next(specifier, { ...context, parentURL: home });
  }
};

export const load: LoadHook = async (url, context, next) =>
  isTypeScript(url) ? { format: "module", source: loadTypeScript(url), shortCircuit: true } : next(url, context);

export const ownAddress = (specifier: string, parentUrl: string | undefined): string | undefined =>
  specifier === "tslab" ? tslab : resolveLocal(specifier, parentUrl);

/** `folio/…` means this package, also in a notebook far from any checkout or node_modules; and TensorFlow.js the one it works with. */
export const isFolio = (specifier: string): boolean => /^(folio|@tensorflow)\//.test(specifier);

export const homeUrl = home;
