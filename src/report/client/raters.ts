// Several raters of one image: choose some, and the map of their agreement, their mean overlap and the energy distance to
// the model's masks follow.

interface Rated {
  readonly name: string;
  readonly bits: string;
}
interface Raters {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly src: string;
  readonly raters: readonly Rated[];
  readonly samples: readonly Rated[];
  readonly iou: readonly (readonly number[])[];
}
const { data, make, whenSeen, onTheme } = (
  window as unknown as {
    folio: {
      data: Promise<{ widgets: Record<string, Raters> }>;
      make(tag: string, attributes?: Record<string, string>, ...children: (Node | string)[]): HTMLElement;
      whenSeen(type: string, show: (figure: HTMLElement, live: HTMLElement) => void): void;
      onTheme(change: () => void): void;
    };
  }
).folio;
const { widgets } = await data;

whenSeen("raters", (figure, live) => choose(live, widgets[figure.id]));

function choose(live: HTMLElement, { title, width, height, src, raters, samples, iou }: Raters): void {
  const masks = [...raters, ...samples].map(({ bits }) => unpackBits(bits, width * height));
  const boxes = raters.map(() => make("input", { type: "checkbox" }) as HTMLInputElement);
  for (const box of boxes) {
    box.checked = true;
    box.addEventListener("change", () => show());
  }
  const canvas = make("canvas", { width: String(width), height: String(height), role: "img" }) as HTMLCanvasElement;
  const sampled = make("canvas", { width: String(width), height: String(height), role: "img" }) as HTMLCanvasElement;
  const facts = make("dl", { class: "facts", "aria-live": "polite" });
  const scale = make("div", { class: "steps", "aria-hidden": "true" });

  function show(): void {
    const chosen = boxes.flatMap((box, i) => (box.checked ? [i] : []));
    const counts = countOf(chosen.map((i) => masks[i]), width * height);
    const any = counts.filter((count) => count > 0).length;
    const all = chosen.length ? counts.filter((count) => count === chosen.length).length : 0;
    paint(canvas, counts, chosen.length, "--series2");
    canvas.setAttribute("aria-label", `${title}: how many of ${chosen.length} chosen raters marked each pixel; all of them marked ${all} of ${any}`);
    const numbers = samples.map((_, i) => raters.length + i);
    paint(sampled, countOf(numbers.map((i) => masks[i]), width * height), samples.length, "--series1");
    sampled.setAttribute("aria-label", `${title}: how many of the model's ${samples.length} masks marked each pixel`);
    scale.replaceChildren(...Array.from({ length: chosen.length + 1 }, (_, k) => make("span", { style: `--share:${k / Math.max(1, chosen.length)}` }, String(k))));
    const rows: [string, string][] = [
      ["Raters chosen", String(chosen.length)],
      ["Marked by all of them", any === 0 ? "—" : `${Math.round((100 * all) / any)} %`],
      ["Mean IoU between them", chosen.length < 2 ? "—" : meanOf(pairs(chosen).map(([a, b]) => iou[a][b])).toFixed(3)],
      ...(samples.length ? [["GED to the model’s masks", chosen.length ? energyDistance(numbers, chosen, iou).toFixed(3) : "—"] as [string, string]] : []),
    ];
    facts.replaceChildren(...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
  }

  const pictured = (name: string, ...drawn: Node[]): HTMLElement => make("div", { class: "pictured" }, make("div", { class: "heading" }, name), make("div", { class: "picture", style: `aspect-ratio:${width}/${height}` }, ...drawn));
  live.replaceChildren(
    make("div", { class: "controls" }, make("fieldset", { class: "toggles" }, make("legend", {}, "Raters"), ...raters.map(({ name }, i) => make("label", { class: "toggle" }, boxes[i], name)))),
    make(
      "div", { class: "stage" },
      pictured(title, make("img", { src, alt: title })), pictured("marked by so many raters", canvas),
      ...(samples.length ? [pictured(`the model’s ${samples.length} masks`, sampled)] : []),
    ),
    scale, facts,
  );
  show();
  onTheme(show);
}

/** 2·E d(S, Y) − E d(S, S′) − E d(Y, Y′) with d = 1 − IoU, means over all pairs: the `v` form of the tables. */
function energyDistance(samples: readonly number[], raters: readonly number[], iou: readonly (readonly number[])[]): number {
  const mean = (first: readonly number[], second: readonly number[]): number => meanOf(first.flatMap((a) => second.map((b) => 1 - iou[a][b])));
  return 2 * mean(samples, raters) - mean(samples, samples) - mean(raters, raters);
}

function paint(canvas: HTMLCanvasElement, counts: Uint8Array, most: number, ink: string): void {
  const { width, height } = canvas;
  const [red, green, blue] = (/\d+/g[Symbol.match](rgb(ink)) ?? []).map(Number);
  const image = new ImageData(width, height);
  counts.forEach((count, i) => image.data.set([red, green, blue, count === 0 ? 0 : Math.round(255 * (0.25 + (0.75 * count) / most))], 4 * i));
  canvas.getContext("2d")!.putImageData(image, 0, 0);
}

/** A colour of the page as `rgb(…)`. */
function rgb(name: string): string {
  const probe = make("i", { style: `color:var(${name})` });
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function countOf(masks: readonly Uint8Array[], length: number): Uint8Array {
  const counts = new Uint8Array(length);
  for (const mask of masks) for (let i = 0; i < length; i++) counts[i] += mask[i];
  return counts;
}

function unpackBits(bits: string, length: number): Uint8Array {
  const text = atob(bits);
  return Uint8Array.from({ length }, (_, i) => (text.charCodeAt(i >> 3) >> (7 - (i & 7))) & 1);
}

function pairs(list: readonly number[]): [number, number][] {
  return list.flatMap((a, i) => list.slice(i + 1).map((b): [number, number] => [a, b]));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
