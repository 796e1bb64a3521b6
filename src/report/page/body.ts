import type { Citations } from "../citations.js";
import { equationHtml, mathml } from "../equations.js";
import { escapeHtml } from "../html-text.js";
import { itemOf, type ParsedText, type Token } from "../markdown.js";
import type { Numbered } from "../numbering.js";
import { provenanceHtml } from "../provenance.js";
import type { ResultRecord, StudyOutcome } from "../../results/index.js";
import { numberHtml, tableHtml } from "../table/html.js";
import type { Item } from "../template/items.js";
import { highlighted } from "./code.js";
import { explorerHtml } from "./explorer.js";
import { figureHtml } from "./figure.js";
import { widgetHtml } from "./widget.js";

export interface BodyInput {
  readonly text: ParsedText;
  readonly items: readonly Item[];
  readonly numbers: ReadonlyMap<string, Numbered>;
  readonly citations: Citations;
  readonly records: readonly ResultRecord[];
  readonly outcome?: StudyOutcome;
  readonly file: string;
  warn(line: number, code: string, message: string): void;
}

/** The text's tokens as HTML. Everything from outside has been escaped by the time it is here. */
export function bodyHtml(input: BodyInput): string {
  const { markdown, tokens } = input.text;
  const rules = markdown.renderer.rules;
  rules.folio_item = (all, i) => itemHtml(itemOf(all[i], input.items), input);
  rules.folio_block = (all, i) => `${itemHtml(itemOf(all[i], input.items), input)}\n`;
  rules.footnote_caption = (all, i) => String(Number((all[i].meta as { id: number }).id) + 1);
  rules.heading_open = (all, i, options, _env, renderer) => {
    const number = (all[i].meta as { number: string } | null)?.number ?? "";
    return renderer.renderToken(all, i, options) + (number === "" ? "" : `<span class="n">${number}</span>`);
  };
  return groupRows(tokens, input.items)
    .map((part) => {
      const html = markdown.renderer.render(part.tokens as Token[], markdown.options, {});
      return part.row ? `<div class="row">${html}</div>\n` : html;
    })
    .join("");
}

/** Neighbouring figures of a column's width stand side by side. */
function groupRows(tokens: readonly Token[], items: readonly Item[]): { tokens: Token[]; row: boolean }[] {
  const narrow = (token: Token): boolean => {
    const item = token.type === "folio_block" ? itemOf(token, items) : undefined;
    return item?.kind === "figure" && Number(item.figure.layout.width) < 400;
  };
  const parts: { tokens: Token[]; row: boolean }[] = [];
  for (const token of tokens) {
    const last = parts.at(-1);
    const row = narrow(token);
    if (last && last.row === row) last.tokens.push(token);
    else parts.push({ tokens: [token], row });
  }
  return parts;
}

function itemHtml(item: Item, input: BodyInput): string {
  const number = (id: string): string => input.numbers.get(id)?.number ?? "?";
  switch (item.kind) {
    case "table":
      return tableHtml(item.table, Number(number(item.id)));
    case "figure":
      return figureHtml(item.figure, number(item.id));
    case "explorer":
      return explorerHtml(item.id, item.explorer, number(item.id));
    case "widget":
      return widgetHtml(item.id, item.widget, number(item.id));
    case "equation":
      return equationHtml(item, number(item.id), input.file);
    case "math":
      return mathml(item.tex, { display: item.display === true, file: input.file });
    case "code":
      return codeHtml(item, item.id === undefined ? undefined : number(item.id));
    case "output":
      return `<pre class="output${item.problem ? " problem" : ""}">${escapeHtml(item.text)}</pre>`;
    case "markup":
      return `<div class="output scroll" tabindex="0" role="group" aria-label="Output of a cell">${item.html}</div>`;
    case "image":
      return `<div class="output"><img src="data:${item.mime};base64,${item.base64}" alt="${escapeHtml(item.alt)}"></div>`;
    case "notebook":
      return "";
    case "value":
      return `<span class="said" title="${escapeHtml(item.what)}">${numberHtml({ ...item.cell, generated: false })}${item.cell.generated ? '<span class="gen">generated data</span>' : ""}</span>`;
    case "given":
      return `<span class="said" title="${escapeHtml(item.source)}">${escapeHtml(item.text)}</span>`;
    case "missing":
      return missingHtml(item, input);
    case "cite":
      return citeHtml(item, input);
    case "ref":
      return refHtml(item, input);
    case "provenance":
      return provenanceHtml(input.records, input.outcome);
    case "bibliography":
      return referencesHtml(input.citations);
  }
}

function codeHtml({ source, language, caption, id }: Extract<Item, { kind: "code" }>, number: string | undefined): string {
  const words = language === "typescript" ? highlighted(source) : escapeHtml(source);
  const title = number === undefined && caption === undefined ? "" : `<figcaption>${number === undefined ? "" : `<span class="label">Listing ${number}.</span> `}${escapeHtml(caption ?? "")}</figcaption>`;
  return `<figure class="code"${id === undefined ? "" : ` id="${escapeHtml(id)}"`}>${title}<pre tabindex="0" role="group" aria-label="Code"><code>${words}</code></pre></figure>`;
}

function missingHtml({ what, block, id }: Extract<Item, { kind: "missing" }>, { numbers }: BodyInput): string {
  if (!block) return `<span class="missing">no record: ${escapeHtml(what)}</span>`;
  const numbered = id === undefined ? undefined : numbers.get(id);
  const name = numbered ? `${numbered.kind} ${numbered.number}` : "This part";
  return `<div class="missing block" id="${escapeHtml(id ?? "")}" role="note"><b>${name} is missing:</b> ${escapeHtml(what)}.</div>`;
}

function citeHtml({ keys, line }: Extract<Item, { kind: "cite" }>, { citations, warn }: BodyInput): string {
  const unknown = keys.filter((key) => !citations.has(key));
  for (const key of unknown) warn(line, "unknown-citation", `refs.bib has no "${key}"`);
  const known = keys.filter((key) => citations.has(key));
  const gaps = unknown.map((key) => `<span class="missing">unknown reference ${escapeHtml(key)}</span>`).join(" ");
  if (known.length === 0) return gaps;
  const { text, targets } = citations.mark(known);
  return `<a class="cite" href="#ref-${escapeHtml(targets[0])}">${escapeHtml(text)}</a>${gaps && ` ${gaps}`}`;
}

function refHtml({ target, line }: Extract<Item, { kind: "ref" }>, { numbers, warn }: BodyInput): string {
  const found = numbers.get(target);
  if (!found) {
    warn(line, "dangling-reference", `nothing in the report has the id "${target}"`);
    return `<span class="missing">unknown ${escapeHtml(target)}</span>`;
  }
  return `<a href="#${escapeHtml(target)}">${found.kind} ${found.number}</a>`;
}

function referencesHtml(citations: Citations): string {
  const entries = citations.entries();
  if (entries.length === 0) return "";
  const named = entries.every((entry) => entry.label === "");
  const rows = entries.map(({ key, label, text, url }) => {
    const words = url !== undefined && !text.includes(url) ? `${escapeHtml(text)} <a href="${escapeHtml(url)}">${escapeHtml(url)}</a>` : linked(text, url);
    return `<li id="ref-${escapeHtml(key)}">${label ? `<span class="key">${escapeHtml(label)}</span>` : ""}<span>${words}</span></li>`;
  });
  return `<ol class="references${named ? " named" : ""}">${rows.join("\n")}</ol>`;
}

function linked(text: string, url: string | undefined): string {
  if (url === undefined || !/^https?:/.test(url)) return escapeHtml(text);
  return escapeHtml(text).replace(escapeHtml(url), `<a href="${escapeHtml(url)}">${escapeHtml(url)}</a>`);
}
