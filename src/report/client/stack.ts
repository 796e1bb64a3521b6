// Pictures gone through one frame at a time: slices, steps, or the cases of a table that sorts by any of its columns.

interface Overlay {
  readonly name: string;
  readonly draw: "contour" | "fill" | "heat" | "points";
  readonly ink: string;
  readonly path?: string;
  readonly src?: string;
  readonly points?: readonly (readonly [number, number])[];
}
interface Picture {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly src: string;
  readonly letters?: readonly string[];
  readonly overlays: readonly Overlay[];
}
interface Frame {
  readonly title: string;
  readonly facts: readonly (readonly [string, number | null])[];
  readonly pictures: readonly Picture[];
}
interface Stack {
  readonly unit: string;
  readonly listed: boolean;
  readonly first: number;
  readonly frames: readonly Frame[];
}
const { data, make, whenSeen } = (
  window as unknown as {
    folio: {
      data: Promise<{ widgets: Record<string, Stack> }>;
      make(tag: string, attributes?: Record<string, string>, ...children: (Node | string)[]): HTMLElement;
      whenSeen(type: string, show: (figure: HTMLElement, live: HTMLElement) => void): void;
    };
  }
).folio;
const { widgets } = await data;

whenSeen("stack", (figure, live) => goThrough(live, widgets[figure.id]));

function goThrough(live: HTMLElement, { unit, listed, first, frames }: Stack): void {
  const hidden = new Set<string>();
  const names = [...new Map(frames.flatMap(({ pictures }) => pictures.flatMap(({ overlays }) => overlays)).map((overlay) => [overlay.name, overlay])).values()];
  let at = 0;
  let playing: number | undefined;

  const button = (text: string, label: string, press: () => void): HTMLElement => {
    const made = make("button", { type: "button", "aria-label": label }, text);
    made.addEventListener("click", press);
    return made;
  };
  const slider = make("input", { type: "range", min: "0", max: String(frames.length - 1), value: "0", step: "1", "aria-label": capital(unit) }) as HTMLInputElement;
  const told = make("output", { "aria-live": "polite" });
  const stage = make("div", { class: "stage", tabindex: "0", role: "group", "aria-label": `Pictures; the arrow keys go to the next and the previous ${unit}` });
  const facts = make("dl", { class: "facts" });
  const play = button("Play", `Go through every ${unit}`, () => (playing === undefined ? start() : stop()));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const toggles = names.map(({ name, ink, draw }) => {
    const box = make("input", { type: "checkbox" }) as HTMLInputElement;
    box.checked = true;
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(name);
      else hidden.add(name);
      show(at);
    });
    return make("label", { class: `toggle ${draw}`, style: `--own:var(--${ink})` }, box, make("span", { class: "swatch", "aria-hidden": "true" }), name);
  });
  const table = listed ? tableOf(frames, unit, (index) => show(index)) : undefined;

  function show(index: number): void {
    at = Math.max(0, Math.min(frames.length - 1, index));
    const { title, pictures, facts: numbers } = frames[at];
    slider.value = String(at);
    slider.setAttribute("aria-valuetext", title);
    told.textContent = title;
    stage.replaceChildren(...(pictures.length ? pictures.map((picture) => pictureOf(picture, title, hidden)) : [make("p", { class: "none" }, `No picture was kept of this ${unit}.`)]));
    facts.replaceChildren(...numbers.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, number(value)))));
    table?.mark(at);
  }
  const go = (by: number): void => show(table ? table.neighbour(at, by) : at + by);
  function start(): void {
    if (at === frames.length - 1) show(0);
    play.textContent = "Stop";
    playing = window.setInterval(() => (at === frames.length - 1 ? stop() : show(at + 1)), Math.max(120, Math.min(700, 9000 / frames.length)));
  }
  function stop(): void {
    clearInterval(playing);
    playing = undefined;
    play.textContent = "Play";
  }

  slider.addEventListener("input", () => show(Number(slider.value)));
  stage.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -frames.length, End: frames.length }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    stop();
    go(by);
  });
  const steps = [button("‹", `Previous ${unit}`, () => go(-1)), ...(listed ? [] : [slider]), button("›", `Next ${unit}`, () => go(1)), told, ...(listed || still || frames.length < 3 ? [] : [play])];
  live.replaceChildren(
    make("div", { class: "controls" }, make("div", { class: "slider" }, ...steps), ...(toggles.length ? [make("div", { class: "toggles" }, ...toggles)] : [])),
    stage, facts, ...(table ? [table.element] : []),
  );
  show(first);
}

function pictureOf({ title, width, height, src, letters = [], overlays }: Picture, frame: string, hidden: ReadonlySet<string>): HTMLElement {
  const seen = overlays.filter(({ name }) => !hidden.has(name));
  const words = seen.length ? ` with ${seen.map(({ name }) => name).join(" and ")}` : "";
  const frameBox = make("div", { class: "picture", role: "img", "aria-label": `${frame}: ${title}${words}`, style: `aspect-ratio:${width}/${height}` }, make("img", { src, alt: "" }));
  const heat = seen.filter(({ draw }) => draw === "heat").map((overlay) => make("img", { src: overlay.src!, alt: "", class: "heat" }));
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("viewBox", `-0.5 -0.5 ${width} ${height}`);
  drawing.setAttribute("preserveAspectRatio", "none");
  drawing.setAttribute("aria-hidden", "true");
  for (const { draw, ink, path, points = [] } of seen) {
    const shapes = path === undefined ? points.map(([row, column]) => ["circle", { cx: column, cy: row, r: Math.max(width, height) / (points.length > 60 ? 150 : 60) }] as const) : [["path", { d: path }] as const];
    for (const [tag, attributes] of shapes) {
      const shape = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, String(value));
      shape.setAttribute("class", draw);
      shape.setAttribute("style", `--own:var(--${ink})`);
      drawing.append(shape);
    }
  }
  frameBox.append(...heat, drawing, ...letters.map((letter, i) => make("span", { class: `letter side${i}`, "aria-hidden": "true" }, letter)));
  return make("div", { class: "pictured" }, make("div", { class: "heading", "aria-hidden": "true" }, title), frameBox);
}

/** Rows are frames; a click on a head sorts by it, a click on a row shows it. */
function tableOf(frames: readonly Frame[], unit: string, show: (index: number) => void) {
  const heads = [capital(unit), ...frames[0].facts.map(([name]) => name)];
  const rows = frames.map(({ title, facts }, index) => {
    const row = make("tr", { tabindex: index === 0 ? "0" : "-1" }, make("th", { scope: "row" }, title), ...facts.map(([, value]) => make("td", {}, number(value))));
    row.addEventListener("click", () => show(index));
    return row;
  });
  let order = frames.map((_, index) => index);
  const body = make("tbody", {}, ...rows);
  const headCells = heads.map((name, column) => {
    const press = make("button", { type: "button", class: "sort" }, name);
    const head = make("th", { scope: "col" }, press);
    press.addEventListener("click", () => {
      const next = head.getAttribute("aria-sort") === "descending" ? "ascending" : "descending";
      for (const other of headCells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", next);
      order = order.toSorted((a, b) => compare(frames[a], frames[b], column) * (next === "descending" ? -1 : 1));
      body.replaceChildren(...order.map((index) => rows[index]));
    });
    return head;
  });
  body.addEventListener("keydown", (event) => {
    const here = rows.indexOf((event.target as HTMLElement).closest("tr")!);
    const place = order.indexOf(here);
    const next = { ArrowDown: order[place + 1], ArrowUp: order[place - 1], Enter: here, " ": here, Home: order[0], End: order.at(-1) }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(next);
    rows[next].focus();
  });
  const element = make("div", { class: "scroll list", tabindex: "0", role: "group", "aria-label": `Every ${unit}` }, make("table", {}, make("thead", {}, make("tr", {}, ...headCells)), body));
  return {
    element,
    neighbour: (index: number, by: number): number => order[Math.max(0, Math.min(order.length - 1, order.indexOf(index) + by))],
    mark(index: number): void {
      rows.forEach((row, i) => {
        row.tabIndex = i === index ? 0 : -1;
        if (i === index) row.setAttribute("aria-current", "true");
        else row.removeAttribute("aria-current");
      });
      const [row, box] = [rows[index], element];
      if (row.offsetTop < box.scrollTop || row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = row.offsetTop - box.clientHeight / 2;
    },
  };
}

function compare(a: Frame, b: Frame, column: number): number {
  if (column === 0) return a.title.localeCompare(b.title, undefined, { numeric: true });
  return (a.facts[column - 1][1] ?? -Infinity) - (b.facts[column - 1][1] ?? -Infinity) || 0;
}

function number(value: number | null): string {
  if (value === null) return "—";
  return (Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) >= 100 ? 1 : 3)).replace("-", "−");
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
