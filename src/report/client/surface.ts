// A surface that turns: dragged with the pointer or by the arrow keys. Painted from the back to the front on a plain canvas.

interface Surface {
  readonly alt: string;
  readonly turn: number;
  readonly tip: number;
  readonly vertices: readonly number[];
  readonly triangles: readonly number[];
}
const { data, make, whenSeen } = (
  window as unknown as {
    folio: {
      data: Promise<{ widgets: Record<string, Surface> }>;
      make(tag: string, attributes?: Record<string, string>, ...children: (Node | string)[]): HTMLElement;
      whenSeen(type: string, show: (figure: HTMLElement, live: HTMLElement) => void): void;
    };
  }
).folio;
const { widgets } = await data;

whenSeen("surface", (figure, live) => turnable(live, widgets[figure.id]));

function turnable(live: HTMLElement, surface: Surface): void {
  let { turn, tip } = surface;
  let zoom = 1;
  let waiting = false;
  const canvas = make("canvas", { class: "surface", width: "800", height: "800", tabindex: "0", role: "application", "aria-roledescription": "turnable surface", "aria-label": `${surface.alt} The arrow keys turn it, plus and minus bring it nearer.` }) as HTMLCanvasElement;
  const told = make("output", {});
  const draw = (): void => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      paint(canvas, surface, { turn, tip, zoom });
      told.textContent = `turned ${Math.round(((turn % 360) + 360) % 360)}°, ${Math.round(tip)}° above`;
    });
  };
  const move = (dTurn: number, dTip: number): void => {
    turn += dTurn;
    tip = Math.max(-90, Math.min(90, tip + dTip));
    draw();
  };
  canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) move(-event.movementX / 2, event.movementY / 2);
  });
  canvas.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [10, 0], ArrowRight: [-10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] }[event.key];
    const nearer = { "+": 1.15, "=": 1.15, "-": 1 / 1.15 }[event.key];
    if (!way && !nearer) return;
    event.preventDefault();
    zoom = Math.max(0.5, Math.min(4, zoom * (nearer ?? 1)));
    move(way?.[0] ?? 0, way?.[1] ?? 0);
  });
  const back = make("button", { type: "button" }, "Back to the first view");
  back.addEventListener("click", () => {
    ({ turn, tip } = surface);
    zoom = 1;
    draw();
  });
  live.replaceChildren(canvas, make("div", { class: "controls" }, told, back));
  draw();
}

function paint(canvas: HTMLCanvasElement, { vertices, triangles }: Surface, { turn, tip, zoom }: { turn: number; tip: number; zoom: number }): void {
  const context = canvas.getContext("2d")!;
  const { width, height } = canvas;
  const [a, b] = [(turn * Math.PI) / 180, (tip * Math.PI) / 180];
  const scale = (0.46 * width * zoom) / 1000;
  const points = new Float32Array(vertices.length);
  for (let i = 0; i < vertices.length; i += 3) {
    const [x, y, z] = [vertices[i], vertices[i + 1], vertices[i + 2]];
    const [right, away] = [x * Math.cos(a) - y * Math.sin(a), x * Math.sin(a) + y * Math.cos(a)];
    points[i] = right;
    points[i + 1] = z * Math.cos(b) + away * Math.sin(b);
    points[i + 2] = z * Math.sin(b) - away * Math.cos(b);
  }
  const facing: { t: number; depth: number; light: number }[] = [];
  for (let t = 0; t < triangles.length; t += 3) {
    const [p, q, r] = [3 * triangles[t], 3 * triangles[t + 1], 3 * triangles[t + 2]];
    const [ux, uy, uz] = [points[q] - points[p], points[q + 1] - points[p + 1], points[q + 2] - points[p + 2]];
    const [vx, vy, vz] = [points[r] - points[p], points[r + 1] - points[p + 1], points[r + 2] - points[p + 2]];
    const [nx, ny, nz] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    if (nz <= 0) continue;
    const length = Math.hypot(nx, ny, nz) || 1;
    facing.push({ t, depth: points[p + 2] + points[q + 2] + points[r + 2], light: 0.25 + 0.75 * Math.max(0, (-0.4 * nx + 0.5 * ny + 0.77 * nz) / length) });
  }
  facing.sort((one, other) => one.depth - other.depth);
  context.clearRect(0, 0, width, height);
  context.lineWidth = 1;
  context.lineJoin = "round";
  for (const { t, light } of facing) {
    context.beginPath();
    for (let k = 0; k < 3; k++) {
      const at = 3 * triangles[t + k];
      context.lineTo(width / 2 + scale * points[at], height / 2 - scale * points[at + 1]);
    }
    context.closePath();
    context.fillStyle = context.strokeStyle = `rgb(${Math.round(70 + 120 * light)} ${Math.round(110 + 120 * light)} ${Math.round(140 + 105 * light)})`;
    context.fill();
    context.stroke();
  }
}
