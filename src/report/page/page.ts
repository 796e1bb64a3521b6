import { darkTwins, type Figure } from "../../figures/index.js";
import type { ReportConfig } from "../config.js";
import { escapeHtml } from "../html-text.js";
import type { Section } from "../markdown.js";
import type { Warning } from "../template/problems.js";
import { fontStyle } from "./fonts.js";
import { recordFacts } from "../provenance.js";
import type { ResultRecord } from "../../results/index.js";
import { clientScript, clientScripts, pack, packedPlotly, scriptHash } from "./scripts.js";
import { pageStyle, printStyle } from "./style.js";

export interface PageInput {
  readonly config: ReportConfig;
  readonly body: string;
  readonly sections: readonly Section[];
  readonly figures: readonly Figure[];
  readonly warnings: readonly Warning[];
  readonly generated: boolean;
  readonly records: readonly ResultRecord[];
  /** Data of the interactive parts, by id. */
  readonly widgets: Readonly<Record<string, unknown>>;
  readonly footer: string;
}

/** The whole report as one file that asks the network for nothing, and may not: its policy forbids it. */
export async function pageHtml(input: PageInput): Promise<string> {
  const { config, figures } = input;
  const scripts = await Promise.all(clientScripts.map(clientScript));
  const plotly = figures.length ? await packedPlotly() : undefined;
  const policy = [
    "default-src 'none'",
    `script-src ${[...scripts.map(scriptHash), ...(plotly ? [plotly.hash] : [])].join(" ")}`,
    "style-src 'unsafe-inline'", "font-src data:", "img-src data: blob:", "base-uri 'none'", "form-action 'none'",
  ].join("; ");
  const body = `<a class="skip" href="#text">Skip to the text</a>
<div class="bar" role="banner"><span class="name">${escapeHtml(config.title)}</span><button id="theme" type="button" hidden>Dark</button></div>
<div class="layout">
${contents(input.sections)}
<main id="text">
${front(config)}
${notices(input)}
<div class="body${config.printColumns === 2 ? " two" : ""}">${input.body}</div>
<footer>${input.footer}</footer>
</main></div>`;
  const data = JSON.stringify({
    widgets: input.widgets,
    records: recordFacts(input.records),
    figures: Object.fromEntries(figures.map(({ id, data: traces, layout }) => [id, { data: traces, layout }])),
    twins: darkTwins,
  });
  return `<!doctype html>
<html lang="${escapeHtml(config.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Folio">
${config.authors.map((author) => `<meta name="author" content="${escapeHtml(author.name)}">`).join("\n")}
<title>${escapeHtml(config.title)}</title>
<style>
${await fontStyle(body + data)}
${pageStyle}${printStyle(config.title)}
</style>
</head>
<body${config.lineNumbers ? " data-lines" : ""}>
${body}
<script type="text/plain" id="folio-data">${pack(data)}</script>
${plotly ? `<script type="text/plain" id="folio-plotly">${plotly.base64}</script>\n` : ""}${scripts.map((script) => `<script type="module">${script}</script>`).join("\n")}
</body>
</html>
`;
}

function front({ title, subtitle, authors, abstract }: ReportConfig): string {
  const names = authors.map(({ name, affiliation }) => `<li>${escapeHtml(name)}${affiliation === undefined ? "" : ` <span>${escapeHtml(affiliation)}</span>`}</li>`);
  return `<header class="front"><h1>${escapeHtml(title)}</h1>
${subtitle === undefined ? "" : `<p class="subtitle">${escapeHtml(subtitle)}</p>`}
${names.length ? `<ul class="authors">${names.join("")}</ul>` : ""}
${abstract === undefined ? "" : `<p class="abstract"><b>Abstract</b>${escapeHtml(abstract)}</p>`}</header>`;
}

function contents(sections: readonly Section[]): string {
  const shown = sections.filter((section) => section.level <= 3);
  const items = shown.map(({ id, number, level, text }) => `<li class="l${level}"><a href="#${id}">${number ? `${number}&ensp;` : ""}${escapeHtml(text)}</a></li>`);
  return `<nav class="toc" aria-label="Contents"><h2>Contents</h2><ol>${items.join("")}</ol></nav>`;
}

function notices({ generated, warnings }: PageInput): string {
  const made = generated
    ? '<aside class="notice" aria-label="About the data"><p><b>Generated data.</b> Numbers marked <sup class="gen">g</sup> come from data that Folio’s own generator made. They show that the method runs and how its parts compare; they say nothing about real recordings or patients.</p></aside>'
    : "";
  const unique = [...new Set(warnings.map((warning) => warning.message))];
  const shown = unique.slice(0, 8).map((message) => `<li>${escapeHtml(message)}</li>`).join("");
  const rest = unique.length > 8 ? `<li>and ${unique.length - 8} more</li>` : "";
  const lacks = unique.length
    ? `<aside class="notice lacks" aria-label="What is missing"><p><b>This report is incomplete:</b> ${unique.length} ${unique.length === 1 ? "thing is" : "things are"} missing.</p><ul>${shown}${rest}</ul></aside>`
    : "";
  return made + lacks;
}
