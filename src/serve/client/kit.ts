// Runs in the browser: all that a demo's page needs, from one module.
export { ApiError, ask, download, latest, sendFile } from "./api.js";
export { button, choice, fileButton, shortcuts, slider, type Choice, type SliderOptions } from "./controls.js";
export { fill, h, spoken, uniqueId } from "./dom.js";
export { decodePicture, pictureCanvas, type Picture } from "./picture.js";
export { isDark, onTheme, themeColour } from "./theme.js";
export { attempt, inTurn, toast } from "./toast.js";
export { viewer, type Marker, type Overlay, type Viewer, type ViewerOptions } from "./viewer.js";
import { fill } from "./dom.js";
import { setUpTheme } from "./theme.js";
import { attempt } from "./toast.js";

/**
 * Starts a page: what `build` returns takes the place of "Loading …".
 * @example startPage(async () => [layout, await ask("start")])
 */
export function startPage(build: () => Promise<readonly Node[]>): void {
  setUpTheme();
  const place = document.getElementById("demo")!;
  void attempt(async () => fill(place, ...(await build()))).finally(() => place.removeAttribute("aria-busy"));
}
