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
interface FolioPage {
  figures: Record<string, FigureData>;
  plotly(): Promise<PlotlyLibrary>;
  themed<T>(value: T): T;
  dark(): boolean;
  draw(element: HTMLElement): Promise<void>;
  /** For the PDF and the exports: every figure as static vector drawing, light. */
  print(): Promise<void>;
  svg(id: string): Promise<string>;
}

const readJson = (id: string): unknown => JSON.parse(document.getElementById(id)?.textContent ?? "{}");
const { figures, twins } = readJson("folio-data") as { figures: Record<string, FigureData>; twins: Record<string, string> };
const canvases = [...document.querySelectorAll<HTMLElement>(".canvas[data-figure]")];
const config = { responsive: true, displaylogo: false, displayModeBar: false, doubleClick: "reset" };
const drawn = new Set<HTMLElement>();
let library: Promise<PlotlyLibrary> | undefined;
/** Set once the static drawings stand: nothing may draw over them, whatever printing makes visible. */
let still = false;

async function loadPlotly(): Promise<PlotlyLibrary> {
  const packed = Uint8Array.from(atob(document.getElementById("folio-plotly")!.textContent!), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(stream).text();
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
  const figure = figures[element.dataset.figure!];
  if (!figure || still) return;
  const library = await plotly();
  if (still) return;
  const { width: _, ...layout } = themed(figure.layout);
  const first = !drawn.has(element);
  if (first) element.replaceChildren();
  drawn.add(element);
  await library[first ? "newPlot" : "react"](element, themed(figure.data), { ...layout, autosize: true }, config);
  element.dispatchEvent(new CustomEvent("folio-drawn"));
}

async function svg(id: string): Promise<string> {
  const { data, layout } = figures[id];
  const { width, height } = layout as { width: number; height: number };
  const traces = (structuredClone(data) as object[]).map((trace, i) => ({ ...trace, uid: `trace${i}` }));
  const url = await (await plotly()).toImage({ data: traces, layout: structuredClone(layout) }, { format: "svg", width, height });
  const drawing = decodeURIComponent(url.slice(url.indexOf(",") + 1));
  // Plotly names its clip paths by a random number; by the figure's name they are unique and the same every time.
  const random = /<defs id="defs-([0-9a-f]+)"/.exec(drawing)?.[1];
  return random === undefined ? drawing : drawing.replaceAll(random, id);
}

async function print(): Promise<void> {
  still = true;
  document.documentElement.dataset.theme = "light";
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

const redrawAll = (): void => {
  for (const element of drawn) void draw(element);
};

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

function drawWhenSeen(): void {
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        void draw(entry.target as HTMLElement);
      }
    },
    { rootMargin: "400px" },
  );
  for (const element of canvases) seen.observe(element);
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

const page: FolioPage = { figures, plotly, themed, dark, draw, print, svg };
(window as unknown as { folio: FolioPage }).folio = page;
addEventListener("beforeprint", () => {
  for (const element of canvases) void draw(element);
});
themeButton();
markSection();
drawWhenSeen();
