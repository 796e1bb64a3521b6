export { bundle, type MimeBundle } from "./bundle.js";
export { clear, display, interruptSignal, update, type DisplayHandle } from "./display.js";
export { describe as toMimeBundle } from "./describe.js";
export { html, json, latex, markdown, mime, png, svg } from "./forms.js";
export { openComm, registerCommTarget, type Comm } from "./comm.js";
export { displayProgress } from "./progress.js";
