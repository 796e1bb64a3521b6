import * as nodeModule from "node:module";
import { homeUrl, isFolio, ownAddress } from "./hooks.js";
import { isTypeScript, loadTypeScript } from "./typescript.js";

/** The synchronous hooks of newer Node versions; the types of the oldest one we support do not know them. */
interface SyncHooks {
  registerHooks?(hooks: {
    resolve(
      specifier: string,
      context: { parentURL?: string; conditions?: readonly string[] },
      next: (specifier: string, context: object) => object,
    ): object;
    load(url: string, context: object, next: (url: string, context: object) => object): object;
  }): void;
}

/** Lets this process import local TypeScript, tsconfig paths and `folio/…` from cells. Once a process; it cannot be undone. */
export function registerModuleHooks(): void {
  process.setSourceMapsEnabled(true);
  const { registerHooks } = nodeModule as unknown as SyncHooks;
  if (registerHooks === undefined) {
    nodeModule.register(new URL("./hooks.js", import.meta.url));
    return;
  }
  registerHooks({
    resolve(specifier, context, next) {
      // These hooks also see require(), for which an address with a search part is no file.
      const found = ownAddress(specifier, context.parentURL);
      const own = context.conditions?.includes("require") && found !== undefined && !isTypeScript(found) ? undefined : found;
      if (own !== undefined)
        return isTypeScript(own) ? { url: own, format: "module", shortCircuit: true } : next(own, context);
      try {
        return next(specifier, context);
      } catch (error) {
        if (!isFolio(specifier)) throw error;
        return next(specifier, { ...context, parentURL: homeUrl });
      }
    },
    load: (url, context, next) =>
      isTypeScript(url) ? { format: "module", source: loadTypeScript(url), shortCircuit: true } : next(url, context),
  });
}
