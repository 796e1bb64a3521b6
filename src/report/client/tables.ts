// Tables of the report: sorted by a click on a column's head, back in their own order by the third; copied with tabs
// between the cells, as spreadsheets take them.

for (const figure of document.querySelectorAll<HTMLElement>("figure.table")) {
  const table = figure.querySelector("table")!;
  addCopy(figure, table);
  addSorting(table);
}

function addCopy(figure: HTMLElement, table: HTMLTableElement): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy the table, tab-separated");
  button.addEventListener("click", () => {
    void navigator.clipboard.writeText(tsv(table)).then(
      () => said(button, "Copied"),
      () => said(button, "Not allowed here"),
    );
  });
  figure.querySelector("figcaption")!.append(button);
}

function said(button: HTMLButtonElement, text: string): void {
  button.textContent = text;
  setTimeout(() => (button.textContent = "Copy"), 1600);
}

function tsv(table: HTMLTableElement): string {
  const text = (cell: HTMLTableCellElement): string =>
    [...cell.querySelectorAll(".value,.spread")].map((part) => part.textContent).join(" ") || cell.textContent!.trim().replaceAll(/\s+/g, " ");
  return grid(table).map((row) => row.map(text).join("\t")).join("\n");
}

/** Cells by row and column, those that span standing in every place they cover. */
function grid(table: HTMLTableElement): HTMLTableCellElement[][] {
  const cells: HTMLTableCellElement[][] = Array.from(table.rows, () => []);
  Array.from(table.rows).forEach((row, y) => {
    let x = 0;
    for (const cell of row.cells) {
      while (cells[y][x]) x++;
      for (let dy = 0; dy < cell.rowSpan && y + dy < cells.length; dy++) for (let dx = 0; dx < cell.colSpan; dx++) cells[y + dy][x + dx] = cell;
      x += cell.colSpan;
    }
  });
  return cells;
}

function addSorting(table: HTMLTableElement): void {
  const body = table.tBodies[0];
  const own = [...body.rows];
  const heads = [...table.tHead!.rows].at(-1)!.cells;
  const all = grid(table).slice(table.tHead!.rows.length);
  const keys = own.map((row, y) => ({ row, cells: all[y], last: row.classList.contains("summary") }));
  if (keys.filter(({ last }) => !last).length < 2) return;
  const spanning = own.flatMap((row) => [...row.cells].filter((cell) => cell.rowSpan > 1).map((cell) => ({ cell, row, span: cell.rowSpan })));

  const plain = (): void => {
    for (const { cell, span } of spanning) cell.rowSpan = span;
    for (const copy of body.querySelectorAll("[data-copy]")) copy.remove();
    body.replaceChildren(...own);
  };
  const separate = (): void => {
    for (const { cell, row, span } of spanning) {
      const from = own.indexOf(row);
      cell.rowSpan = 1;
      for (const below of own.slice(from + 1, from + span)) {
        const copy = cell.cloneNode(true) as HTMLElement;
        copy.dataset.copy = "";
        below.prepend(copy);
      }
    }
  };
  Array.from(heads).forEach((head, x) => {
    if (head.textContent!.trim() === "") return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const next = before === null ? "descending" : before === "descending" ? "ascending" : null;
      for (const other of heads) other.removeAttribute("aria-sort");
      plain();
      if (next === null) return;
      head.setAttribute("aria-sort", next);
      const sign = next === "descending" ? -1 : 1;
      const sorted = keys.toSorted((a, b) => (a.last ? 1 : 0) - (b.last ? 1 : 0) || sign * compare(a.cells[x], b.cells[x]));
      separate();
      body.replaceChildren(...sorted.map(({ row }) => row));
    });
  });
}

function compare(a: HTMLTableCellElement, b: HTMLTableCellElement): number {
  const [x, y] = [a, b].map((cell) => cell.querySelector("data")?.value);
  if (x && y) return Number(x) - Number(y);
  if (x || y) return x ? 1 : -1;
  return a.textContent!.localeCompare(b.textContent!);
}
