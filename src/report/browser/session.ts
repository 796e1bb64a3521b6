import type { Browser, Page } from "puppeteer-core";
import { findBrowser, NoBrowser, type FoundBrowser } from "./find.js";

/** One browser for everything a report needs printed or drawn. */
export interface BrowserSession extends AsyncDisposable {
  readonly browser: Browser;
  readonly found: FoundBrowser;
  version(): Promise<string>;
}

const flags = [
  "--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb",
  "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-component-update",
];

/** @throws NoBrowser when none is found or it does not start */
export async function openBrowser(env: Readonly<Record<string, string | undefined>>): Promise<BrowserSession> {
  const found = await findBrowser(env);
  const { launch } = await import("puppeteer-core");
  const headless = found.source === "npm" ? "shell" : true;
  const browser = await launch({
    executablePath: found.path,
    headless,
    args: found.source === "npm" ? [...flags, "--no-zygote"] : flags,
    env: definedOnly(found.env),
    protocolTimeout: 120_000,
  }).catch((cause: unknown) => {
    const why = (cause as Error).message;
    const missing = /error while loading shared libraries: (\S+?):/.exec(why)?.[1];
    const problem = missing ? `${found.path} needs ${missing} (Debian, Ubuntu: apt-get install libnss3 libexpat1)` : `${found.path} does not start: ${why.split("\n")[0]}`;
    throw new NoBrowser([found.source], problem, { cause });
  });
  return { browser, found, version: () => browser.version(), [Symbol.asyncDispose]: () => browser.close() };
}

/** A page of fixed size without a network. */
export async function quietPage(session: BrowserSession): Promise<Page> {
  const page = await session.browser.newPage();
  await page.setViewport({ width: 1000, height: 1200, deviceScaleFactor: 2 });
  await page.setOfflineMode(true);
  return page;
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
