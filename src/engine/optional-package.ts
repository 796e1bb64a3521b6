import { createRequire } from "node:module";
import { join } from "node:path";

/** Finds the file that a package's name stands for, or throws. */
export type ResolvePackage = (name: string) => string;

/** An optional package: in the user's project first, then beside Folio. */
export const resolvePackage: ResolvePackage = (name) => {
  try {
    return createRequire(join(process.cwd(), "package.json")).resolve(name);
  } catch {
    return createRequire(import.meta.url).resolve(name);
  }
};

/** The first of these packages that is not installed. */
export function missingPackage(names: readonly string[], resolve: ResolvePackage): string | undefined {
  return names.find((name) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  });
}
