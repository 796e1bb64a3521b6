import { inspect } from "node:util";
import { bundle, type MimeBundle } from "./bundle.js";
import { describeAudio, isAudio } from "./audio.js";
import { describeFigure, isFigure } from "./figure.js";
import { describeImage, isImage, isPng, describePng } from "./image.js";
import { describeTable, isTable } from "./table.js";
import { describeTensor, isTensor, nameTensorsIn } from "./tensor.js";
import { describeTypedArray, isTypedArray } from "./typed-array.js";

const displaySymbol = Symbol.for("Jupyter.display");

/**
 * The forms in which a value is shown. An object can say itself by a method `[Symbol.for("Jupyter.display")]()` that returns
 * (a promise of) a MIME bundle `{ "text/html": … }`; Folio's figures, tensors, tables, images, audio and typed arrays are known;
 * everything else is shown as Node's inspector prints it.
 */
export function describe(value: unknown): MimeBundle | Promise<MimeBundle> {
  if (isBundle(value)) return value;
  const own = ownForms(value);
  if (own !== undefined)
    return own instanceof Promise ? own.then((forms) => fromForms(forms, value)) : fromForms(own, value);
  if (isFigure(value)) return describeFigure(value);
  if (isTensor(value)) return describeTensor(value);
  if (isImage(value)) return describeImage(value);
  if (isAudio(value)) return describeAudio(value);
  if (isPng(value)) return describePng(value);
  if (isTypedArray(value)) return describeTypedArray(value);
  if (isTable(value)) return describeTable(value);
  return bundle(plainText(value));
}

// The inspector shows bookkeeping of asynchronous contexts on promises.
const bookkeeping = /,\s*\[?Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)\]?: [^,\n} ]*/g;

export function plainText(value: unknown): string {
  if (typeof value === "string") return inspect(value, { maxStringLength: 10_000 });
  nameTensorsIn(value);
  return inspect(value, { depth: 4, maxArrayLength: 100, breakLength: 100 }).replaceAll(bookkeeping, "");
}

function ownForms(value: unknown): unknown {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  const method: unknown = Reflect.get(value, displaySymbol);
  return typeof method === "function" ? Reflect.apply(method, value, []) : undefined;
}

function fromForms(forms: unknown, value: unknown): MimeBundle {
  if (isBundle(forms)) return forms;
  if (forms === null || typeof forms !== "object") return bundle(plainText(value));
  const { "text/plain": text, ...rest } = forms as Record<string, unknown>;
  return bundle(typeof text === "string" ? text : plainText(value), rest);
}

function isBundle(value: unknown): value is MimeBundle {
  if (typeof value !== "object" || value === null || !("data" in value) || !("metadata" in value)) return false;
  return typeof value.data === "object" && value.data !== null && "text/plain" in value.data;
}
