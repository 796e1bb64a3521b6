import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "puppeteer-core";

/**
 * What axe-core objects to on the page, one line a rule with the elements it found; none when the page is accessible as far as a program can tell.
 * @see https://github.com/dequelabs/axe-core
 */
export async function axeViolations(page: Page): Promise<string[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  // Through the protocol, because the page's own policy lets no script in.
  const client = await page.createCDPSession();
  await client.send("Runtime.evaluate", { expression: axe });
  return page.evaluate(async () => {
    const { axe: checker } = window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } };
    return (await checker.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(" ")}`);
  });
}
