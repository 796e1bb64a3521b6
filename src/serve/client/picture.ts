// Runs in the browser.
import type { SentPicture } from "../picture.js";

/** An image as its pixels: row by row, one (grey, or a mask) or three bytes a pixel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly bytes: Uint8Array;
}

/** What `sendPicture` of the server sent. */
export function decodePicture({ width, height, channels, base64 }: SentPicture): Picture {
  return { width, height, channels, bytes: Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)) };
}

/** As a canvas of the picture's own size, to be drawn at any other. */
export function pictureCanvas({ width, height, channels, bytes }: Picture): HTMLCanvasElement {
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = bytes[channels === 1 ? i : 3 * i + c];
    pixels.data[4 * i + 3] = 255;
  }
  return canvasOf(pixels);
}

/** One colour where the mask is not 0; `alpha` 0–255 a pixel where the mask is 255, less where it is less. */
export function maskCanvas(mask: Picture, colour: readonly [number, number, number], alpha: number): HTMLCanvasElement {
  const pixels = new ImageData(mask.width, mask.height);
  for (let i = 0; i < mask.bytes.length; i++) {
    if (mask.bytes[i] === 0) continue;
    pixels.data.set(colour, 4 * i);
    pixels.data[4 * i + 3] = Math.round((alpha * mask.bytes[i]) / 255);
  }
  return canvasOf(pixels);
}

function canvasOf(pixels: ImageData): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
  return canvas;
}

/** The edges between a mask's pixels (≥ 128) and the rest, as a path in pixel units. */
export function outlineOf({ width, height, bytes }: Picture): Path2D {
  const path = new Path2D();
  const inside = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < width && y < height && bytes[y * width + x] >= 128;
  const line = (x0: number, y0: number, x1: number, y1: number): void => {
    path.moveTo(x0, y0);
    path.lineTo(x1, y1);
  };
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      if (inside(x, y) !== inside(x, y - 1)) line(x, y, x + 1, y);
      if (inside(x, y) !== inside(x - 1, y)) line(x, y, x, y + 1);
    }
  }
  return path;
}

/** `#0b67a8` → [11, 103, 168] */
export function rgbOf(hex: string): [number, number, number] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];
}
