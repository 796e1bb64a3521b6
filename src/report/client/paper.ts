// For print: tables made to fit the page's width, pages filled, and numbers beside the lines of the text where the report asks for them.

const page = window as unknown as { folio: { layout?: () => string[]; fillPages?: () => void } };

/** Called once the page has the width of the paper; says which tables are still too wide. */
page.folio.layout = (): string[] => {
  const overfull = [...document.querySelectorAll<HTMLElement>("figure.table, .body > .scroll")].flatMap((figure) => (fits(figure) ? [] : [figure.id || "provenance"]));
  if (!document.querySelector(".body.two")) page.folio.fillPages!();
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
