// For print: blocks in an order that fills the pages. A figure or table that does not fit on the rest of a page waits for the next
// one while the text goes on, as in a journal; none leaves its chapter, and figures and tables each keep their order.

interface Box {
  readonly element: HTMLElement;
  readonly kind: "heading" | "text" | "figure" | "table";
  /** Margins, in CSS pixels as all lengths here. */
  readonly above: number;
  readonly below: number;
  /** What cannot be broken, from top to bottom: lines, groups of rows, or the whole. */
  pieces: readonly Piece[];
  /** A table's head, which stands again on every page that the table goes on to. */
  readonly repeated: number;
}

interface Piece {
  readonly height: number;
  /** The row that begins it. */
  readonly row?: HTMLElement;
}

/** Between the margins of an A4 page (297 − 21 − 20 mm), less what heights in print may differ from those on screen. */
const pageHeight = (256 / 25.4) * 96 - 14;

/** Less than this is no gap worth a break of its own: the browser breaks there by itself. */
const smallGap = 40;

(window as unknown as { folio: { fillPages?: () => void } }).folio.fillPages = (): void => {
  const body = document.querySelector<HTMLElement>(".body")!;
  const start = body.getBoundingClientRect().top - document.querySelector("main")!.getBoundingClientRect().top;
  const boxes = [...body.children].flatMap((element) => (element instanceof HTMLElement ? [measured(element)] : []));
  body.append(...ordered(boxes, start));
};

/** Goes through the text as the browser will when it prints, and returns its blocks as they shall stand. */
function ordered(boxes: readonly Box[], start: number): HTMLElement[] {
  const order: HTMLElement[] = [];
  const waiting: Box[] = [];
  let [used, below, page] = [start % pageHeight, 0, 0];

  const gap = ({ above }: Box): number => (used === 0 ? 0 : Math.max(below, above));
  const room = (box: Box): number => pageHeight - used - gap(box);
  const fits = (box: Box): boolean => used === 0 || beginning(box) <= room(box);

  const place = (box: Box): void => {
    box.pieces.forEach(({ height, row }, i) => {
      const taken = height + (i === 0 ? gap(box) : 0);
      if (used > 0 && used + taken > pageHeight) {
        page += 1;
        used = height + (i === 0 ? 0 : box.repeated);
        if (row) row.style.breakBefore = "page";
      } else {
        used += taken;
      }
    });
    page += Math.floor(used / pageHeight);
    used %= pageHeight;
    below = box.below;
    order.push(box.element);
  };
  const breakBefore = (box: Box): void => {
    if (pageHeight - used > smallGap) Object.assign(box.element.style, { breakBefore: "page", marginTop: "0" });
    [used, below] = [0, 0];
    page += 1;
  };
  /** The first figure or the first table that waits. */
  const placeOneOf = (which: (box: Box) => boolean): boolean => {
    const firsts = (["figure", "table"] as const).flatMap((kind) => waiting.find((box) => box.kind === kind) ?? []);
    const found = firsts.sort((a, b) => waiting.indexOf(a) - waiting.indexOf(b)).find(which);
    if (found) place(waiting.splice(waiting.indexOf(found), 1)[0]);
    return found !== undefined;
  };
  const placeWhatFits = (): void => {
    while (placeOneOf(fits));
  };
  const placeAll = (): void => {
    while (waiting.length > 0) {
      if (placeOneOf(fits) || placeOneOf((box) => shrinks(box, room(box)))) continue;
      breakBefore(waiting[0]);
    }
  };

  for (let i = 0; i < boxes.length; i++) {
    const box = boxes[i];
    const before = page;
    if (box.kind === "heading") {
      if (box.element.matches("h2")) placeAll();
      const rest = boxes.slice(i + 1);
      const more = rest.findIndex(({ kind }) => kind !== "heading");
      const heads = [box, ...rest.slice(0, Math.max(more, 0))];
      const after = rest.slice(heads.length - 1);
      const text = after.find(({ kind }) => kind === "heading" || kind === "text");
      const own = heads.reduce((total, head) => total + wholeOf(head) + head.below, 0);
      const needs = own + Math.min(...[after[0], text].flatMap((one) => (one && one.kind !== "heading" ? [beginning(one)] : [])));
      if (used > 0 && needs > room(box) && needs < pageHeight) {
        breakBefore(waiting[0] ?? box);
        placeWhatFits();
      }
      heads.forEach(place);
      i += heads.length - 1;
    } else if (box.kind === "text") {
      place(box);
    } else if (!waiting.some(({ kind }) => kind === box.kind) && (fits(box) || shrinks(box, room(box)))) {
      place(box);
    } else {
      waiting.push(box);
    }
    if (page > before) placeWhatFits();
  }
  placeAll();
  return order;
}

function measured(element: HTMLElement): Box {
  const style = getComputedStyle(element);
  const [above, below] = [style.marginTop, style.marginBottom].map((text) => Number.parseFloat(text) || 0);
  const box = { element, above, below, repeated: 0, pieces: [{ height: heightOf(element) }] };
  if (element.matches("h2, h3, h4")) return { ...box, kind: "heading" };
  if (element.matches("figure.table:not(.whole)")) return { ...box, kind: "table", ...rowsOf(element, 3) };
  if (element.matches("figure.table, .missing[id^=tab]")) return { ...box, kind: "table" };
  if (element.matches("figure.plot, .row, .missing")) {
    const picture: Box = { ...box, kind: "figure" };
    shrinks(picture, pageHeight, 0);
    return picture;
  }
  if (element.matches("figure.code") && wholeOf(box) > 0.4 * pageHeight) element.style.breakInside = "auto";
  if (element.matches(".scroll:has(table)")) return { ...box, kind: "text", ...rowsOf(element, 1) };
  if (element.matches("figure, .equation, .output:not(pre)") || element.querySelector("img")) return { ...box, kind: "text" };
  const items = [...element.querySelectorAll<HTMLElement>("li")];
  if (items.length === 0) return { ...box, kind: "text", pieces: linesOf(element, heightOf(element)) };
  const bounds = [topOf(element), ...items.slice(1).map(topOf), topOf(element) + heightOf(element)];
  return { ...box, kind: "text", pieces: items.flatMap((item, i) => linesOf(item, bounds[i + 1] - bounds[i])) };
}

/** A paragraph breaks between lines, at least three of them on either side. */
function linesOf(element: HTMLElement, height: number): Piece[] {
  const line = Number.parseFloat(getComputedStyle(element).lineHeight) || 20;
  const lines = Math.round(height / line);
  if (lines < 6) return [{ height }];
  return [3 * line, ...Array.from({ length: lines - 6 }, () => line), height - (lines - 3) * line].map((part) => ({ height: part }));
}

/** A long table breaks before rows with a head of their own, so that `least` rows stay with its caption and with its notes. */
function rowsOf(element: HTMLElement, least: number): Pick<Box, "pieces" | "repeated"> {
  const rows = [...element.querySelectorAll<HTMLElement>("tbody tr")];
  const groups = rows.filter((row) => row.querySelector("th.edge"));
  const breaks = (groups.length > 1 ? groups : rows).filter((row) => rows.indexOf(row) >= least && rows.indexOf(row) <= rows.length - least);
  const bounds = [topOf(element), ...breaks.map(topOf), topOf(element) + heightOf(element)];
  const pieces = bounds.slice(1).map((bound, i) => ({ height: bound - bounds[i], ...(i > 0 && { row: breaks[i - 1] }) }));
  return { pieces, repeated: heightOf(element.querySelector<HTMLElement>("thead")!) };
}

/** Makes drawings as small as the room asks for, but never below `least` of their size; says whether that is enough. */
function shrinks(box: Box, room: number, least = 0.66): boolean {
  const drawings = box.element.matches(".explorer") ? [] : [...box.element.querySelectorAll<HTMLElement>(".canvas:has(> svg)")];
  const height = wholeOf(box);
  if (drawings.length === 0 || height <= room) return height <= room;
  const own = Math.max(...drawings.map(heightOf));
  const share = Math.floor((100 * (own - (height - room) - 2)) / own) / 100;
  if (share < least || share <= 0) return false;
  for (const drawing of drawings) Object.assign(drawing.style, { width: `${Math.round(100 * share)}%`, margin: "0 auto" });
  box.pieces = [{ height: height - own * (1 - share) }];
  return true;
}

const wholeOf = ({ pieces }: Pick<Box, "pieces">): number => pieces.reduce((total, { height }) => total + height, 0);
/** What must fit for a block to begin on a page: of a table that breaks, some rows more than the least. */
const beginning = ({ kind, pieces }: Box): number => pieces.slice(0, kind === "text" ? 1 : 3).reduce((total, { height }) => total + height, 0);
const topOf = (element: HTMLElement): number => element.getBoundingClientRect().top;
const heightOf = (element: HTMLElement): number => element.getBoundingClientRect().height;
