import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { FolioError } from "../../core/index.js";
import { shippedBrowser } from "./shipped.js";

export interface FoundBrowser {
  readonly path: string;
  /** `FOLIO_CHROME`, `installed` or `npm`: where it was found. */
  readonly source: "FOLIO_CHROME" | "installed" | "npm";
  readonly env: Readonly<Record<string, string | undefined>>;
}

export class NoBrowser extends FolioError {
  readonly code = "no-browser";
  constructor(
    readonly tried: readonly string[],
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`No browser to print with: ${problem} (tried ${tried.join(", ")}). Set FOLIO_CHROME to a Chrome or Chromium, or use --html.`, options);
  }
}

const names = ["google-chrome-stable", "google-chrome", "chromium", "chromium-browser", "microsoft-edge-stable"];
const places = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/**
 * The browser that prints: `FOLIO_CHROME`, then an installed Chrome or Chromium, then the one npm brought.
 * @throws NoBrowser when `FOLIO_CHROME` names nothing that runs, or nothing is found
 */
export async function findBrowser(env: Readonly<Record<string, string | undefined>>): Promise<FoundBrowser> {
  const named = env.FOLIO_CHROME;
  if (named) {
    if (!runs(named)) throw new NoBrowser(["FOLIO_CHROME"], `FOLIO_CHROME names ${named}, which is no program`);
    return { path: named, source: "FOLIO_CHROME", env };
  }
  const onPath = (env.PATH ?? "").split(delimiter).filter(Boolean);
  const installed = [...names.flatMap((name) => onPath.map((folder) => join(folder, name))), ...places].find(runs);
  if (installed) return { path: installed, source: "installed", env };
  try {
    const { path, env: extra } = await shippedBrowser(env);
    return { path, source: "npm", env: { ...env, ...extra } };
  } catch (cause) {
    throw new NoBrowser(["FOLIO_CHROME", ...names, "@sparticuz/chromium"], (cause as Error).message, { cause });
  }
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
