import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Demo } from "./demo.js";
import { pageModules } from "./modules.js";
import { kitStyle } from "./style.js";

/** A thing that is served as it is. */
export interface Asset {
  readonly type: string;
  readonly body: string | Uint8Array;
}

const javascript = "text/javascript; charset=utf-8";

/** Everything a browser may GET, by address. Nothing else is served. */
export async function pageAssets(demo: Demo): Promise<ReadonlyMap<string, Asset>> {
  const { entry, files } = await pageModules(demo.page);
  const assets = new Map<string, Asset>([...files].map(([address, body]) => [address, { type: javascript, body }]));
  assets.set("/", { type: "text/html; charset=utf-8", body: pageHtml(demo, entry) });
  assets.set("/style.css", { type: "text/css; charset=utf-8", body: kitStyle + (demo.style ?? "") });
  assets.set("/favicon.svg", { type: "image/svg+xml", body: icon });
  for (const weight of ["400", "600"]) assets.set(`/sans-${weight}.woff2`, { type: "font/woff2", body: await font(weight) });
  return assets;
}

function pageHtml({ title, lead, notice }: Demo, entry: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header class="bar"><span class="name">Folio</span><button id="theme" type="button" hidden>Dark</button></header>
<main id="main">
<div class="front"><h1>${escaped(title)}</h1><p class="lead">${escaped(lead)}</p></div>
${notice === undefined ? "" : `<p class="notice">${escaped(notice)}</p>`}
<div id="demo" aria-busy="true"><p class="waiting">Loading …</p></div>
<noscript><p class="notice">This page needs JavaScript. It talks to the folio command on this computer and to nothing else.</p></noscript>
</main>
<script type="module" src="${entry}"></script>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => entities[character]);

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0a5c97"/><path d="M9 24V8h13M9 16h10" fill="none" stroke="#fff" stroke-width="3.4"/></svg>`;

async function font(weight: string): Promise<Uint8Array> {
  const folder = dirname(createRequire(import.meta.url).resolve("@fontsource/source-sans-3/package.json"));
  return readFile(join(folder, "files", `source-sans-3-latin-${weight}-normal.woff2`));
}
