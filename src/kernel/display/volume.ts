import { bundle, type MimeBundle } from "./bundle.js";
import { escapeHtml } from "./html.js";
import { finiteRange, greyBytes } from "./overlay.js";
import { encodeDisplayPng } from "./png.js";

export interface Volume {
  /** Slices, rows, columns. */
  readonly shape: readonly [depth: number, height: number, width: number];
  /** Voxels, the column index running fastest. */
  readonly data: ArrayLike<number>;
}

/** So many slices are put into the page at most, evenly spaced, each no larger than this many pixels a side. */
const mostSlices = 48;
const largestSide = 192;
/** Small slices are drawn larger, up to this many pixels a side. */
const shownSide = 256;

/**
 * A volume one slice at a time, with a slider; where scripts do not run, its middle slice. Black and white are the same in every
 * slice. Large volumes are shown with fewer and smaller slices.
 * @throws RangeError when `data` is not as long as `shape` says
 */
export function volumeSlices({ shape, data }: Volume, { alt }: { readonly alt: string }): MimeBundle {
  const [depth, height, width] = shape;
  if (data.length !== depth * height * width || data.length === 0)
    throw new RangeError(`volumeSlices: ${data.length} voxels are not ${shape.join(" × ")}.`);
  const count = Math.min(depth, mostSlices);
  const slices = Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((i * (depth - 1)) / (count - 1))));
  const step = Math.max(1, Math.ceil(Math.max(height, width) / largestSide));
  const [rows, columns] = [Math.ceil(height / step), Math.ceil(width / step)];
  const range = finiteRange(data);
  const slice = (z: number): Uint8Array =>
    greyBytes(
      Float64Array.from(
        { length: rows * columns },
        (_, i) => data[(z * height + Math.floor(i / columns) * step) * width + (i % columns) * step],
      ),
      range,
    );
  const strip = new Uint8Array(count * rows * columns);
  slices.forEach((z, i) => strip.set(slice(z), i * rows * columns));
  const url = `data:image/png;base64,${encodeDisplayPng(strip, columns, count * rows, 1).toString("base64")}`;
  const middle = Math.floor(count / 2);
  const scale = Math.max(1, Math.floor(shownSide / Math.max(rows, columns)));
  const [shownRows, shownColumns] = [rows * scale, columns * scale];
  const show = `const f=this.closest('figure');f.querySelector('div').style.backgroundPosition='0 '+(-this.value*${shownRows})+'px';f.querySelector('output').value=${JSON.stringify(slices)}[this.value]`;
  const picture = `<div role="img" aria-label="${escapeHtml(alt)}" style="width:${shownColumns}px;height:${shownRows}px;background:url(${url}) 0 ${-middle * shownRows}px/${shownColumns}px auto;image-rendering:pixelated"></div>`;
  const slider = `<label>slice <input type="range" min="0" max="${count - 1}" value="${middle}" oninput="${escapeHtml(show)}"></label> <output>${slices[middle]}</output> of ${depth}`;
  const still = encodeDisplayPng(slice(slices[middle]), columns, rows, 1).toString("base64");
  return bundle(
    `Volume ${shape.join(" × ")}: ${alt}`,
    {
      "text/html": `<figure style="margin:0">${picture}<figcaption>${slider}</figcaption></figure>`,
      "image/png": still,
    },
    { "image/png": { width: shownColumns, height: shownRows } },
  );
}
