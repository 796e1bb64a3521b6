// For print: tables made to fit, text moved up into the room that a figure leaves when it goes to the next page, and numbers
// beside the lines of the text where the report asks for them.

const page = window as unknown as { folio: { layout?: () => string[] } };

/** Called once the page has the width of the paper; says which tables are still too wide. */
page.folio.layout = (): string[] => {
  const overfull = [...document.querySelectorAll<HTMLElement>("figure.table, .body > .scroll")].flatMap((figure) => (fits(figure) ? [] : [figure.id || "provenance"]));
  if (!document.querySelector(".body.two")) fillPages();
  if (document.body.dataset.lines !== undefined) numberLines();
  return overfull;
};

function fits(figure: HTMLElement): boolean {
  const box = figure.matches(".scroll") ? figure : figure.querySelector<HTMLElement>(".scroll")!;
  const table = box.querySelector<HTMLElement>("table")!;
  for (const size of ["", ".76rem", ".7rem", ".64rem", ".58rem"]) {
    if (size !== "") table.style.fontSize = size;
    if (table.scrollWidth <= box.clientWidth + 1) return true;
    for (const cell of table.querySelectorAll<HTMLElement>("th, td")) cell.style.paddingInline = ".28rem";
    if (table.scrollWidth <= box.clientWidth + 1) return true;
  }
  return false;
}

/** Between the margins of an A4 page, in CSS pixels: 297 − 21 − 20 mm. */
const pageHeight = (256 / 25.4) * 96;

/**
 * A figure or table that does not fit on the rest of its page leaves that rest empty. A drawing that fits at three quarters of
 * its size is made that small; otherwise, as in a journal, the text that follows, up to the next heading, is moved before it
 * as far as there is room. Figures and tables keep their order. The pages are estimated, so only gaps worth it are filled.
 */
function fillPages(): void {
  const body = document.querySelector<HTMLElement>(".body")!;
  let used = body.getBoundingClientRect().top - document.querySelector(".front, main")!.getBoundingClientRect().top;
  for (let block = body.firstElementChild; block; block = block.nextElementSibling) {
    const room = pageHeight - (used % pageHeight) - slack;
    if (isWhole(block) && heightOf(block) < pageHeight && heightOf(block) > room && room > 0.12 * pageHeight && !shrink(block, room)) {
      for (let next = textAfter(block), left = room; next && heightOf(next) <= left; next = textAfter(block)) {
        block.before(next);
        left -= heightOf(next);
        used += heightOf(next);
      }
      used += pageHeight - (used % pageHeight);
    } else if (/^H[2-4]$/.test(block.tagName) && room < 0.1 * pageHeight) {
      used += room;
    }
    used += heightOf(block) + lostAtBreak(block, pageHeight - (used % pageHeight));
  }
}

/** Of what rounding and margins take, per page. */
const slack = 14;

/** Text breaks between lines, at least three of a paragraph on either side: what stays empty at the foot of the page. */
function lostAtBreak(block: Element, room: number): number {
  const height = block.getBoundingClientRect().height;
  if (height <= room) return 0;
  if (block.matches(".equation")) return room;
  if (!block.matches("p, ul, ol")) return 0;
  const line = Number.parseFloat(getComputedStyle(block).lineHeight) || 20;
  const lines = Math.round(height / line);
  let above = Math.floor(room / line);
  if (lines - above < 3) above = lines - 3;
  return above < 3 ? room : room - above * line;
}

const isWhole = (block: Element): boolean => block.matches("figure, .row, .missing");

/** The first text behind the figures that follow each other here; none across a heading. */
function textAfter(block: Element): Element | undefined {
  let next = block.nextElementSibling;
  while (next && isWhole(next)) next = next.nextElementSibling;
  return next?.matches("p, ul, ol, .equation, blockquote") ? next : undefined;
}

function shrink(block: Element, room: number): boolean {
  const drawing = block.matches("figure.plot:not(.explorer)") ? block.querySelector<HTMLElement>(".canvas") : null;
  if (!drawing) return false;
  const height = drawing.getBoundingClientRect().height;
  const share = (height - (heightOf(block) - room) - 6) / height;
  if (share < 0.72) return false;
  Object.assign(drawing.style, { width: `${Math.floor(100 * share)}%`, margin: "0 auto" });
  return heightOf(block) <= room;
}

/** With the room to what follows. */
function heightOf(block: Element): number {
  const next = block.nextElementSibling?.getBoundingClientRect().top;
  const { top, bottom } = block.getBoundingClientRect();
  return (next ?? bottom) - top;
}

/** Text only: headings, paragraphs, list items, captions. A number stands at the height of its line, left of the text. */
function numberLines(): void {
  let count = 0;
  const edge = document.querySelector("main")!.getBoundingClientRect().left;
  for (const block of document.querySelectorAll<HTMLElement>("main :is(h1, h2, h3, h4, p, figcaption, .abstract), .body li")) {
    if (block.closest("table, dialog, .live, .notice, footer, .references, .missing") || block.querySelector("p")) continue;
    const { top, left, height } = block.getBoundingClientRect();
    if (height === 0) continue;
    const range = document.createRange();
    range.selectNodeContents(block);
    const size = Number.parseFloat(getComputedStyle(block).lineHeight) || 18;
    const lines: number[] = [];
    for (const { top: at, height: tall, width } of range.getClientRects()) {
      const middle = at + tall / 2 - top;
      if (width > 0 && !lines.some((line) => Math.abs(line - middle) < 0.6 * size)) lines.push(middle);
    }
    block.style.position = "relative";
    for (const middle of lines.sort((a, b) => a - b)) {
      const number = document.createElement("span");
      number.className = "line-number";
      number.setAttribute("aria-hidden", "true");
      Object.assign(number.style, { top: `${middle}px`, left: `${edge - left}px` });
      number.textContent = String(++count);
      block.append(number);
    }
  }
}
