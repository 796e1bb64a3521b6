// The operating-point explorer: one threshold moves the point on the ROC curve, the line in the histogram, the table of
// decisions and the measures; a case from the list shows where it stands.

interface Part {
  readonly series: string;
  readonly group: string;
  readonly threshold: number;
  readonly cases: readonly string[];
  readonly scores: readonly number[];
  readonly labels: readonly number[];
  readonly roc: string;
  readonly histogram: string;
  readonly alts: readonly [string, string];
}
interface Drawing extends HTMLElement {
  readonly data?: readonly { readonly name?: string }[];
}
interface Plotly {
  restyle(element: HTMLElement, change: unknown, traces: number[]): Promise<unknown>;
  relayout(element: HTMLElement, change: unknown): Promise<unknown>;
}
const { data, plotly, draw, themed } = (
  window as unknown as { folio: { data: Promise<{ widgets: Record<string, Part[]> }>; plotly(): Promise<Plotly>; draw(element: HTMLElement): Promise<void>; themed<T>(value: T): T } }
).folio;
const { widgets } = await data;

for (const root of document.querySelectorAll<HTMLElement>("[data-explorer]")) explore(root, widgets[root.dataset.explorer!]);

function explore(root: HTMLElement, parts: readonly Part[]): void {
  const find = <T extends HTMLElement>(selector: string): T => root.querySelector<T>(selector)!;
  const [rocCanvas, histogramCanvas] = root.querySelectorAll<Drawing>(".canvas");
  const slider = find<HTMLInputElement>("input[type=range]");
  const choice = { series: find<HTMLSelectElement>("[data-part=series]"), group: find<HTMLSelectElement>("[data-part=group]") };
  const body = find<HTMLTableSectionElement>(".cases tbody");
  let part = parts[0];
  let threshold = part.threshold;
  let chosen: number | undefined;
  /** Where the slider can stand: every score, so that one far away takes one step and not half of the way; and the run's own. */
  let stops: readonly number[] = [];

  function moveTo(value: number): void {
    threshold = value;
    slider.value = String(stops.indexOf(value));
    slider.setAttribute("aria-valuetext", value.toFixed(2));
    measure();
  }

  function measure(): void {
    const at = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
    part.scores.forEach((score, i) => {
      const called = score >= threshold;
      at[part.labels[i] ? (called ? "truePositives" : "falseNegatives") : called ? "falsePositives" : "trueNegatives"] += 1;
    });
    const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = at;
    const ratio = (top: number, bottom: number): string => (bottom === 0 ? (0).toFixed(2) : (top / bottom).toFixed(2));
    const values: Record<string, string> = {
      Accuracy: ratio(tp + tn, tp + fp + tn + fn), F1: ratio(2 * tp, 2 * tp + fp + fn), Precision: ratio(tp, tp + fp), Recall: ratio(tp, tp + fn), Specificity: ratio(tn, tn + fp),
    };
    for (const [name, count] of Object.entries(at)) find(`[data-count=${name}]`).textContent = String(count);
    for (const [name, value] of Object.entries(values)) find(`[data-measure="${name}"]`).textContent = value;
    find("output").textContent = threshold.toFixed(2);
    find("[data-show=threshold]").textContent = threshold.toFixed(2);
    for (const row of body.rows) row.cells[3].textContent = part.scores[Number(row.dataset.index)] >= threshold ? "anomalous" : "normal";
    void mark(fp / (fp + tn || 1), tp / (tp + fn || 1));
  }

  async function mark(falsePositiveRate: number, truePositiveRate: number): Promise<void> {
    const library = await plotly();
    if (rocCanvas.data) await library.restyle(rocCanvas, { x: [[falsePositiveRate]], y: [[truePositiveRate]] }, [1]);
    if (!histogramCanvas.data) return;
    const { colour } = themed({ colour: "#1c2128" });
    const line = (x: number, dash: string, width: number): unknown => ({ type: "line", xref: "x", yref: "paper", x0: x, x1: x, y0: 0, y1: 1, line: { color: colour, width, dash } });
    const shapes = [line(threshold, "dash", 1.5), ...(chosen === undefined ? [] : [line(part.scores[chosen], "solid", 3)])];
    await library.relayout(histogramCanvas, { shapes, "annotations[0].x": threshold, "annotations[0].text": `threshold ${threshold.toFixed(2)}` });
  }

  function list(): void {
    const order = part.scores.map((_, i) => i).sort((a, b) => part.scores[b] - part.scores[a]);
    body.replaceChildren(
      ...order.map((index) => {
        const row = document.createElement("tr");
        row.dataset.index = String(index);
        row.tabIndex = index === order[0] ? 0 : -1;
        for (const text of [part.cases[index], part.labels[index] ? "anomalous" : "normal", part.scores[index].toFixed(3), ""]) row.insertCell().textContent = text;
        return row;
      }),
    );
  }

  async function change(): Promise<void> {
    const wanted = parts.find((one) => one.series === choice.series.value && one.group === choice.group.value);
    if (!wanted) return;
    part = wanted;
    threshold = part.threshold;
    chosen = undefined;
    find("[data-show=series]").textContent = part.series;
    find("[data-show=group]").textContent = part.group;
    stops = [...new Set([...part.scores, threshold])].sort((a, b) => a - b);
    Object.assign(slider, { min: "0", max: String(stops.length - 1), step: "1" });
    rocCanvas.dataset.figure = part.roc;
    histogramCanvas.dataset.figure = part.histogram;
    rocCanvas.setAttribute("aria-label", part.alts[0]);
    histogramCanvas.setAttribute("aria-label", part.alts[1]);
    list();
    if (rocCanvas.data) await Promise.all([draw(rocCanvas), draw(histogramCanvas)]);
    moveTo(threshold);
  }

  function choose(row: HTMLTableRowElement): void {
    for (const other of body.rows) {
      other.tabIndex = other === row ? 0 : -1;
      other.setAttribute("aria-selected", String(other === row));
    }
    chosen = Number(row.dataset.index);
    row.focus();
    measure();
  }

  slider.addEventListener("input", () => {
    moveTo(stops[Number(slider.value)]);
  });
  find("[data-reset]").addEventListener("click", () => {
    moveTo(part.threshold);
  });
  for (const select of Object.values(choice)) select.addEventListener("change", () => void change());
  body.addEventListener("click", (event) => {
    const row = (event.target as HTMLElement).closest("tr");
    if (row) choose(row);
  });
  body.addEventListener("keydown", (event) => {
    const row = (event.target as HTMLElement).closest("tr");
    const next = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling, Enter: row, " ": row }[event.key];
    if (!next) return;
    event.preventDefault();
    choose(next as HTMLTableRowElement);
  });
  for (const canvas of [rocCanvas, histogramCanvas]) canvas.addEventListener("folio-drawn", () => measure());
  find(".controls").hidden = false;
  find(".cases").hidden = false;
  void change();
}
