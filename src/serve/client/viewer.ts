// Runs in the browser.
import { h, uniqueId } from "./dom.js";
import { maskCanvas, outlineOf, pictureCanvas, rgbOf, type Picture } from "./picture.js";
import { onTheme, themeColour } from "./theme.js";

/** A mask over the picture. */
export interface Overlay {
  /** Of the picture's size: 0 outside, 255 inside, between for a probability. */
  readonly mask: Picture;
  /** Name of a colour of the style sheet: `series1` … `series8`, `normal`, `anomalous`. */
  readonly colour: string;
  /** 0 leaves the inside clear. */
  readonly opacity: number;
  readonly outline: "solid" | "dashed" | "none";
}

export interface Marker {
  readonly x: number;
  readonly y: number;
  readonly kind: "positive" | "negative" | "suggested";
}

export interface ViewerOptions {
  /** What a screen reader calls the picture. */
  readonly label: string;
  /** What is at a pixel, for the line below the picture and for screen readers. */
  readonly describe?: (x: number, y: number) => string;
  /**
   * The user points at a pixel: `primary` is a click, a tap, Enter or Space; `secondary` a right click, a long press, or
   * Shift with any of them. Without it the picture is only looked at.
   */
  readonly onPick?: (x: number, y: number, how: "primary" | "secondary") => void;
  /** The pixel under the pointer or the keyboard's cross; undefined when there is none. For linked viewers. */
  readonly onHover?: (place: { readonly x: number; readonly y: number } | undefined) => void;
}

export interface Viewer {
  readonly element: HTMLElement;
  setPicture(picture: Picture): void;
  setOverlays(overlays: readonly Overlay[]): void;
  setMarkers(markers: readonly Marker[]): void;
  /** Shows the cross at a pixel without moving the keyboard there. */
  setCross(place: { readonly x: number; readonly y: number } | undefined): void;
  focus(): void;
}

/** Outlines by the bytes they were made from: raters stay while masks change. */
const outlines = new WeakMap<Uint8Array, Path2D>();
function knownOutline(mask: Picture): Path2D {
  const path = outlines.get(mask.bytes) ?? outlineOf(mask);
  outlines.set(mask.bytes, path);
  return path;
}

const longPressMs = 500;
const mostZoom = 16;

/**
 * A picture with masks and markers on it. Mouse and touch point; two fingers or Ctrl and the wheel zoom; with the
 * keyboard arrows move a cross (Shift: by eight), Enter or Space picks, + − 0 zoom. It fits its column and stays sharp.
 */
export function viewer({ label, describe, onPick, onHover }: ViewerOptions): Viewer {
  const helpId = uniqueId("viewer-help");
  const canvas = h("canvas", { tabindex: 0, role: "application", "aria-roledescription": "image", "aria-label": label, "aria-describedby": helpId });
  const where = h("p", { class: "where", "aria-live": "off" }, "\u00a0"); // read out while the keyboard moves, not the mouse
  const keys = `Arrow keys move a cross${onPick ? ", Enter picks a pixel, Shift with Enter picks it the other way" : ""}; plus, minus and zero zoom.`;
  const element = h("div", { class: "viewer" }, canvas, where, h("p", { id: helpId, class: "sr" }, keys));
  const context = canvas.getContext("2d")!;

  let picture: Picture | undefined;
  let drawnPicture: HTMLCanvasElement | undefined;
  let overlays: readonly (Overlay & { readonly path: Path2D })[] = [];
  let fills: readonly HTMLCanvasElement[] = [];
  let markers: readonly Marker[] = [];
  let cross: { x: number; y: number } | undefined;
  let keyboard = { x: 0, y: 0 };
  /** Picture pixels to screen pixels: `screen = zoom · fit · pixel − pan`. */
  let zoom = 1;
  let pan = { x: 0, y: 0 };
  let waiting = false;

  const fit = (): number => (picture ? canvas.clientWidth / picture.width : 1);
  const clamp = (value: number, high: number): number => Math.min(high, Math.max(0, value));

  function later(): void {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  }

  function draw(): void {
    if (picture === undefined || drawnPicture === undefined) return;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.max(1, Math.round(side * ratio)));
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const scale = fit() * zoom;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(ratio * scale, 0, 0, ratio * scale, -pan.x * ratio, -pan.y * ratio);
    context.imageSmoothingEnabled = false;
    for (const layer of [drawnPicture, ...fills]) context.drawImage(layer, 0, 0);
    for (const { path, outline, colour } of overlays) {
      if (outline === "none") continue;
      context.strokeStyle = themeColour(colour);
      context.lineWidth = 2.2 / scale;
      context.setLineDash(outline === "dashed" ? [6 / scale, 4 / scale] : []);
      context.stroke(path);
    }
    context.setLineDash([]);
    for (const marker of markers) drawMarker(marker, scale);
    if (cross !== undefined) drawCross(cross, scale);
  }

  function drawMarker({ x, y, kind }: Marker, scale: number): void {
    const radius = 8 / scale;
    const arm = 4 / scale;
    const [cx, cy] = [x + 0.5, y + 0.5];
    context.beginPath();
    context.arc(cx, cy, radius, 0, 2 * Math.PI);
    context.fillStyle = { positive: "#0f7b4f", negative: "#b3261e", suggested: "#00000066" }[kind];
    context.fill();
    context.lineWidth = 1.8 / scale;
    context.strokeStyle = "#ffffff";
    if (kind === "suggested") context.setLineDash([3 / scale, 2.5 / scale]);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(cx - arm, cy);
    context.lineTo(cx + arm, cy);
    if (kind !== "negative") {
      context.moveTo(cx, cy - arm);
      context.lineTo(cx, cy + arm);
    }
    context.stroke();
  }

  function drawCross({ x, y }: { x: number; y: number }, scale: number): void {
    for (const [colour, thick] of [["#000000", 3], ["#ffffff", 1.2]] as const) {
      context.strokeStyle = colour;
      context.lineWidth = thick / scale;
      context.strokeRect(x - 0.5 / scale, y - 0.5 / scale, 1 + 1 / scale, 1 + 1 / scale);
    }
  }

  function pixelAt(clientX: number, clientY: number): { x: number; y: number } | undefined {
    if (picture === undefined) return undefined;
    const box = canvas.getBoundingClientRect();
    const scale = fit() * zoom;
    const x = Math.floor((clientX - box.left - canvas.clientLeft + pan.x) / scale);
    const y = Math.floor((clientY - box.top - canvas.clientTop + pan.y) / scale);
    return x >= 0 && y >= 0 && x < picture.width && y < picture.height ? { x, y } : undefined;
  }

  /** Keeps the point of the picture at this place of the canvas where it is. */
  function zoomTo(next: number, atX: number, atY: number): void {
    if (picture === undefined) return;
    const wanted = Math.min(mostZoom, Math.max(1, next));
    const factor = wanted / zoom;
    pan = { x: (pan.x + atX) * factor - atX, y: (pan.y + atY) * factor - atY };
    zoom = wanted;
    keepInside();
  }

  function keepInside(): void {
    pan = { x: clamp(pan.x, canvas.clientWidth * (zoom - 1)), y: clamp(pan.y, canvas.clientHeight * (zoom - 1)) };
    later();
  }

  function look(place: { x: number; y: number } | undefined, tell = true): void {
    cross = place;
    where.textContent = place === undefined ? "\u00a0" : `x ${place.x}, y ${place.y}${describe ? ` · ${describe(place.x, place.y)}` : ""}`;
    if (tell) onHover?.(place);
    later();
  }

  const pick = (place: { x: number; y: number } | undefined, how: "primary" | "secondary"): void => {
    if (place !== undefined) onPick?.(place.x, place.y, how);
  };

  // Pointers: one points, two zoom and move. A long press of a finger is a right click.
  const down = new Map<number, { x: number; y: number; moved: boolean; long?: ReturnType<typeof setTimeout> }>();
  let pinched = false;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 2) return;
    const start = { x: event.clientX, y: event.clientY, moved: false } as { x: number; y: number; moved: boolean; long?: ReturnType<typeof setTimeout> };
    if (down.size === 0) pinched = false;
    down.set(event.pointerId, start);
    if (down.size > 1) {
      pinched = true;
      for (const each of down.values()) clearTimeout(each.long);
    } else if (event.pointerType === "touch") {
      start.long = setTimeout(() => {
        if (start.moved || pinched) return;
        start.moved = true; // the lift after it is no tap
        pick(pixelAt(start.x, start.y), "secondary");
      }, longPressMs);
    }
  });
  canvas.addEventListener("pointermove", (event) => {
    const held = down.get(event.pointerId);
    if (held === undefined) return look(pixelAt(event.clientX, event.clientY));
    const others = [...down].filter(([id]) => id !== event.pointerId);
    if (others.length === 1) {
      const [, other] = others[0];
      const before = Math.hypot(held.x - other.x, held.y - other.y);
      const after = Math.hypot(event.clientX - other.x, event.clientY - other.y);
      const box = canvas.getBoundingClientRect();
      pan = { x: pan.x - (event.clientX - held.x) / 2, y: pan.y - (event.clientY - held.y) / 2 };
      if (before > 0) zoomTo((zoom * after) / before, (event.clientX + other.x) / 2 - box.left, (event.clientY + other.y) / 2 - box.top);
      [held.x, held.y, held.moved] = [event.clientX, event.clientY, true];
    } else if (Math.hypot(event.clientX - held.x, event.clientY - held.y) > 10) {
      held.moved = true;
      clearTimeout(held.long);
    }
  });
  const lifted = (event: PointerEvent): void => {
    const held = down.get(event.pointerId);
    down.delete(event.pointerId);
    clearTimeout(held?.long);
    if (held === undefined || held.moved || pinched || event.type !== "pointerup") return;
    const place = pixelAt(event.clientX, event.clientY);
    if (place !== undefined) keyboard = place;
    pick(place, event.button === 2 || event.shiftKey ? "secondary" : "primary");
  };
  for (const kind of ["pointerup", "pointercancel"] as const) canvas.addEventListener(kind, lifted);
  canvas.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") down.delete(event.pointerId);
    look(document.activeElement === canvas && canvas.matches(":focus-visible") ? keyboard : undefined);
  });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoomTo(zoom * 2 ** (-event.deltaY / 200), event.offsetX, event.offsetY);
  }, { passive: false });

  canvas.addEventListener("keydown", (event) => {
    if (picture === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 8 : 1;
    const moves: Record<string, readonly [number, number]> = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const move = moves[event.key];
    if (move !== undefined) {
      keyboard = { x: clamp(keyboard.x + move[0], picture.width - 1), y: clamp(keyboard.y + move[1], picture.height - 1) };
      look(keyboard);
      reveal();
    } else if (event.key === "Enter" || event.key === " ") {
      look(keyboard);
      pick(keyboard, event.shiftKey ? "secondary" : "primary");
    } else if (event.key === "+" || event.key === "=") zoomTo(zoom * 1.5, canvas.clientWidth / 2, canvas.clientHeight / 2);
    else if (event.key === "-") zoomTo(zoom / 1.5, canvas.clientWidth / 2, canvas.clientHeight / 2);
    else if (event.key === "0") zoomTo(1, 0, 0);
    else return;
    event.preventDefault();
  });
  canvas.addEventListener("focus", () => {
    if (!canvas.matches(":focus-visible")) return;
    where.setAttribute("aria-live", "polite");
    look(keyboard);
  });
  canvas.addEventListener("blur", () => {
    where.setAttribute("aria-live", "off");
    look(undefined);
  });

  /** Moves the zoomed picture so that the cross is seen. */
  function reveal(): void {
    const scale = fit() * zoom;
    const [x, y] = [(keyboard.x + 0.5) * scale, (keyboard.y + 0.5) * scale];
    const margin = Math.min(40, canvas.clientWidth / 4);
    pan = {
      x: Math.min(Math.max(pan.x, x + margin - canvas.clientWidth), x - margin),
      y: Math.min(Math.max(pan.y, y + margin - canvas.clientHeight), y - margin),
    };
    keepInside();
  }

  const paint = (): void => {
    fills = overlays.filter(({ opacity }) => opacity > 0).map(({ mask, colour, opacity }) => maskCanvas(mask, rgbOf(themeColour(colour)), Math.round(255 * opacity)));
    later();
  };
  new ResizeObserver(keepInside).observe(canvas);
  onTheme(paint);

  return {
    element,
    setPicture(next) {
      const sameShape = picture?.width === next.width && picture.height === next.height;
      picture = next;
      drawnPicture = pictureCanvas(next);
      canvas.style.setProperty("aspect-ratio", `${next.width} / ${next.height}`);
      if (!sameShape) {
        keyboard = { x: next.width >> 1, y: next.height >> 1 };
        [zoom, pan] = [1, { x: 0, y: 0 }];
      }
      later();
    },
    setOverlays(next) {
      overlays = next.map((overlay) => ({ ...overlay, path: knownOutline(overlay.mask) }));
      paint();
    },
    setMarkers(next) {
      markers = next;
      later();
    },
    setCross(place) {
      look(place === undefined ? undefined : { ...place }, false);
    },
    focus: () => canvas.focus(),
  };
}
