import type { Page } from "puppeteer-core";
import type { BrowserSession } from "../report/index.js";

export interface Visit {
  readonly page: Page;
  /** What the page wrote to the console, threw, and asked of other hosts. */
  readonly problems: string[];
}

/** Opens a demo's page and waits for what `ready` selects. A page below 500 pixels is a telephone: it is touched. */
export async function visitDemo({ browser }: BrowserSession, url: string, ready: string, { width = 1280, scheme = "light" } = {}): Promise<Visit> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url())) problems.push(`asked for ${request.url()}`);
  });
  await page.setViewport({ width, height: 900, hasTouch: width < 500 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(url);
  await page.waitForSelector(ready);
  return { page, problems };
}
