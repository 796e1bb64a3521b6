// Where a number comes from: a click on it, or Enter, shows its records. In a table the arrow keys go from number to
// number, so a table is one stop of the Tab key.

interface RecordFacts {
  readonly method: string;
  readonly variant: string;
  readonly dataset: { readonly name: string; readonly generated: boolean; readonly description?: string };
  readonly split: string;
  readonly preset: string;
  readonly seed: number;
  readonly config: unknown;
  readonly provenance: { readonly inputs: Record<string, string>; readonly code: string; readonly engine: string; readonly device: string; readonly node: string; readonly startedAt: string; readonly seconds: number };
}
const { records } = await (window as unknown as { folio: { data: Promise<{ records: Record<string, RecordFacts> }> } }).folio.data;
const dialog = document.createElement("dialog");
dialog.className = "record";
dialog.setAttribute("aria-labelledby", "record-title");
document.body.append(dialog);
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

function element(tag: string, text = "", children: readonly Node[] = []): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  made.append(...children);
  return made;
}

function facts(id: string): Node[] {
  const record = records[id];
  if (!record) return [];
  const { dataset, provenance: p } = record;
  const rows: [string, string][] = [
    ["Record", id],
    ["Data", `${dataset.name}, ${record.split}${dataset.generated ? " (generated data)" : ""}`],
    ["Preset, seed", `${record.preset}, ${record.seed}`],
    ["Engine", `${p.engine}, ${p.device}, Node ${p.node}`],
    ["Run", `${p.startedAt}, ${p.seconds.toFixed(1)} s`],
    ...Object.entries(p.inputs).map(([name, hash]): [string, string] => [`Input: ${name}`, hash]),
    ["Code", p.code],
  ];
  const list = element("dl", "", rows.flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
  const config = element("details", "", [element("summary", "Configuration"), element("pre", JSON.stringify(record.config, null, 2))]);
  return [list, config];
}

function show(number: HTMLElement): void {
  const ids = (number.dataset.records ?? "").split(" ").filter(Boolean);
  const title = element("h2", `${number.querySelector(".value")?.textContent ?? ""} comes from ${ids.length === 1 ? "one record" : `${ids.length} records`}`);
  title.id = "record-title";
  const close = element("button", "Close") as HTMLButtonElement;
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(element("header", "", [title, close]), ...ids.flatMap(facts));
  dialog.showModal();
  dialog.addEventListener("close", () => number.focus(), { once: true });
}

function prepare(number: HTMLElement, stop: boolean): void {
  number.tabIndex = stop ? 0 : -1;
  number.setAttribute("role", "button");
  number.setAttribute("aria-haspopup", "dialog");
  number.addEventListener("click", () => show(number));
  number.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    show(number);
  });
}

function moveWithin(table: HTMLTableElement): void {
  const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll<HTMLElement>("data[data-records]")]).filter((row) => row.length);
  rows.flat().forEach((number, i) => prepare(number, i === 0));
  table.addEventListener("keydown", (event) => {
    const y = rows.findIndex((row) => row.includes(event.target as HTMLElement));
    if (y < 0) return;
    const x = rows[y].indexOf(event.target as HTMLElement);
    const next = { ArrowRight: rows[y][x + 1], ArrowLeft: rows[y][x - 1], ArrowDown: rows[y + 1]?.[x], ArrowUp: rows[y - 1]?.[x] }[event.key];
    if (!next) return;
    event.preventDefault();
    for (const number of rows.flat()) number.tabIndex = number === next ? 0 : -1;
    next.focus();
  });
}

for (const table of document.querySelectorAll<HTMLTableElement>("figure.table table")) moveWithin(table);
for (const number of document.querySelectorAll<HTMLElement>(".said data[data-records]")) prepare(number, true);
