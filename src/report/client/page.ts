// Runs in the reader's browser, inlined into the report: draws figures when they are scrolled to, switches themes.
// No imports: the report is one file.

interface PlotlyLibrary {
  newPlot(element: HTMLElement, data: unknown, layout: unknown, config: unknown): Promise<unknown>;
  react(element: HTMLElement, data: unknown, layout: unknown, config: unknown): Promise<unknown>;
  toImage(figure: unknown, options: unknown): Promise<string>;
}
interface FigureData {
  readonly data: unknown;
  readonly layout: Record<string, unknown>;
}
interface PageData {
  readonly figures: Record<string, FigureData>;
  readonly twins: Record<string, string>;
}
interface FolioPage {
  /** What the page's scripts draw from; packed in the page, so that opening it waits for nothing. */
  data: Promise<PageData>;
  plotly(): Promise<PlotlyLibrary>;
  themed<T>(value: T): T;
  dark(): boolean;
  draw(element: HTMLElement): Promise<void>;
  /** An element with attributes and what stands in it; text stays text. */
  make(tag: string, attributes?: Record<string, string>, ...children: (Node | string)[]): HTMLElement;
  /** Brings a widget of this type to life when it is scrolled to. */
  whenSeen(type: string, show: (figure: HTMLElement, live: HTMLElement) => void): void;
  onTheme(change: () => void): void;
  /** For the PDF and the exports: every figure as static vector drawing, light. */
  print(): Promise<void>;
  svg(id: string): Promise<string>;
}

async function unpacked(id: string): Promise<string> {
  const text = atob(document.getElementById(id)!.textContent!);
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

const data = unpacked("folio-data").then((text) => JSON.parse(text) as PageData);
let twins: Record<string, string> = {};
void data.then((found) => (twins = found.twins));
const canvases = [...document.querySelectorAll<HTMLElement>(".canvas[data-figure]")];
const config = { responsive: true, displaylogo: false, displayModeBar: false, doubleClick: "reset" };
const drawn = new Set<HTMLElement>();
let library: Promise<PlotlyLibrary> | undefined;
/** Set once the static drawings stand: nothing may draw over them, whatever printing makes visible. */
let still = false;

async function loadPlotly(): Promise<PlotlyLibrary> {
  const script = document.createElement("script");
  script.textContent = await unpacked("folio-plotly");
  document.head.append(script);
  await Promise.all(["12px FolioSans", "bold 12px FolioSans"].map((font) => document.fonts.load(font)));
  return (window as unknown as { Plotly: PlotlyLibrary }).Plotly;
}

const plotly = (): Promise<PlotlyLibrary> => (library ??= loadPlotly());

const dark = (): boolean => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

function recoloured(value: unknown): unknown {
  if (typeof value === "string") {
    const twin = twins[value.slice(0, 7)];
    return twin ? twin + value.slice(7) : value;
  }
  if (Array.isArray(value)) return value.map(recoloured);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, recoloured(item)]));
}

function themed<T>(value: T): T {
  return structuredClone(dark() ? recoloured(value) : value) as T;
}

async function draw(element: HTMLElement): Promise<void> {
  if (still) return;
  const [{ figures }, library] = await Promise.all([data, plotly()]);
  const figure = figures[element.dataset.figure!];
  if (!figure || still) return;
  if (still) return;
  const { width, ...layout } = themed(figure.layout) as { width?: number };
  // A widget's twin is drawn while it has no room on the screen: it keeps its own width.
  const room = element.clientWidth > 0 ? { autosize: true } : { width };
  const first = !drawn.has(element);
  if (first) element.replaceChildren();
  drawn.add(element);
  await library[first ? "newPlot" : "react"](element, themed(figure.data), { ...layout, ...room }, config);
  element.dispatchEvent(new CustomEvent("folio-drawn"));
}

async function svg(id: string): Promise<string> {
  const figure = (await data).figures[id];
  const { layout } = figure;
  const { width, height } = layout as { width: number; height: number };
  const traces = (structuredClone(figure.data) as object[]).map((trace, i) => ({ ...trace, uid: `trace${i}` }));
  const url = await (await plotly()).toImage({ data: traces, layout: structuredClone(layout) }, { format: "svg", width, height });
  const drawing = decodeURIComponent(url.slice(url.indexOf(",") + 1));
  // Plotly names its clip paths by a random number; by the figure's name they are unique and the same every time.
  const random = /<defs id="defs-([0-9a-f]+)"/.exec(drawing)?.[1];
  return random === undefined ? drawing : drawing.replaceAll(random, id);
}

async function print(): Promise<void> {
  still = true;
  document.documentElement.dataset.theme = "light";
  const { figures } = await data;
  for (const element of canvases) {
    const parsed = new DOMParser().parseFromString(await svg(element.dataset.figure!), "image/svg+xml").documentElement;
    if (parsed.querySelector("parsererror")) throw new Error(`figure ${element.dataset.figure} is no well-formed SVG: ${parsed.textContent?.slice(0, 160)}`);
    const { width, height } = figures[element.dataset.figure!].layout as { width: number; height: number };
    parsed.setAttribute("viewBox", `0 0 ${width} ${height}`);
    parsed.setAttribute("role", "img");
    parsed.setAttribute("aria-label", element.getAttribute("aria-label") ?? "");
    element.removeAttribute("role");
    element.removeAttribute("aria-label");
    element.replaceChildren(document.importNode(parsed, true));
  }
}

const themeChanges: (() => void)[] = [];
const redrawAll = (): void => {
  for (const element of drawn) void draw(element);
  for (const change of themeChanges) change();
};

function make(tag: string, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function whenSeen(type: string, show: (figure: HTMLElement, live: HTMLElement) => void): void {
  for (const figure of document.querySelectorAll<HTMLElement>(`figure[data-widget=${type}]`)) {
    const live = figure.querySelector<HTMLElement>(".live")!;
    onceNear(live, () => show(figure, live));
  }
}

function themeButton(): void {
  const button = document.getElementById("theme");
  if (!button) return;
  const say = (): void => {
    button.textContent = dark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to the ${dark() ? "light" : "dark"} theme`);
  };
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    say();
    redrawAll();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    say();
    redrawAll();
  });
  button.hidden = false;
  say();
}

const waiting = new Map<Element, () => void>();
const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      waiting.get(target)?.();
      waiting.delete(target);
    }
  },
  { rootMargin: "400px" },
);

/** Once, shortly before it is scrolled to. */
function onceNear(element: Element, work: () => void): void {
  waiting.set(element, work);
  near.observe(element);
}

function markSection(): void {
  const links = new Map([...document.querySelectorAll<HTMLAnchorElement>(".toc a")].map((link) => [link.hash.slice(1), link]));
  const headings = [...document.querySelectorAll<HTMLElement>("h2[id],h3[id]")];
  const update = (): void => {
    const current = headings.filter((heading) => heading.getBoundingClientRect().top < 120).at(-1) ?? headings[0];
    for (const [id, link] of links) {
      if (id === current?.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  addEventListener("scroll", update, { passive: true });
  update();
}

const page: FolioPage = { data, plotly, themed, dark, draw, make, whenSeen, onTheme: (change) => void themeChanges.push(change), print, svg };
(window as unknown as { folio: FolioPage }).folio = page;
addEventListener("beforeprint", () => {
  for (const element of canvases) void draw(element);
});
themeButton();
markSection();
for (const element of canvases) onceNear(element, () => void draw(element));
