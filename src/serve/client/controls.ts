// Runs in the browser.
import { fill, h, uniqueId } from "./dom.js";

export interface SliderOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  /** How the value is said; the number itself unless given. */
  readonly format?: (value: number) => string;
  readonly onChange: (value: number) => void;
}

/** A labelled slider with its value beside it. Arrow keys, Page and Home/End work as the browser has them. */
export function slider({ label, min, max, step, value, format = String, onChange }: SliderOptions): { element: HTMLElement; value(): number; set(value: number): void } {
  const id = uniqueId("slider");
  const input = h("input", { type: "range", id, min, max, step, value });
  const output = h("output", { for: id });
  const say = (): void => {
    output.textContent = format(input.valueAsNumber);
    input.setAttribute("aria-valuetext", format(input.valueAsNumber));
  };
  input.addEventListener("input", () => {
    say();
    onChange(input.valueAsNumber);
  });
  say();
  const set = (next: number): void => {
    input.valueAsNumber = next;
    say();
  };
  return { element: h("div", { class: "slider" }, h("label", { for: id }, label), input, output), value: () => input.valueAsNumber, set };
}

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

/** One of a few, side by side: radio buttons that look like one control. */
export function choice<Value extends string>(
  label: string,
  options: readonly Choice<Value>[],
  value: Value,
  onChange: (value: Value) => void,
): { element: HTMLElement; value(): Value; set(value: Value): void; offer(options: readonly Choice<Value>[], value: Value): void } {
  const name = uniqueId("choice");
  const row = h("div", { class: "row" });
  const element = h("fieldset", { class: "choice" }, h("legend", {}, label), row);
  let chosen = value;
  const offer = (offered: readonly Choice<Value>[], now: Value): void => {
    chosen = now;
    fill(row, ...offered.map(({ value: own, label: text }) => {
      const input = h("input", { type: "radio", name, value: own, checked: own === now });
      input.addEventListener("change", () => {
        chosen = own;
        onChange(own);
      });
      return h("label", {}, input, h("span", {}, text));
    }));
  };
  offer(options, value);
  const set = (next: Value): void => {
    chosen = next;
    for (const input of row.querySelectorAll("input")) input.checked = input.value === next;
  };
  return { element, value: () => chosen, set, offer };
}

/** A button; `keys` says its shortcut where the user and a screen reader find it. */
export function button(label: string, onClick: () => void, { keys, primary = false }: { readonly keys?: string; readonly primary?: boolean } = {}): HTMLButtonElement {
  const hint = keys === undefined ? undefined : h("kbd", { "aria-hidden": "true" }, keys);
  return h("button", { type: "button", class: primary ? "primary" : undefined, "aria-keyshortcuts": keys, onclick: onClick }, label, hint);
}

/** Chooses files by dialogue or by dropping them on it. */
export function fileButton(label: string, { accept, multiple = false, onFiles }: { readonly accept: string; readonly multiple?: boolean; readonly onFiles: (files: readonly File[]) => void }): HTMLElement {
  const id = uniqueId("file");
  const input = h("input", { type: "file", id, accept, multiple, class: "sr" });
  input.addEventListener("change", () => {
    if (input.files !== null && input.files.length > 0) onFiles([...input.files]);
    input.value = ""; // the same file can be chosen again
  });
  const drop = h("label", { for: id, class: "file" }, label);
  const element = h("div", { class: "filebox" }, input, drop);
  element.addEventListener("dragover", (event) => {
    event.preventDefault();
    element.classList.add("over");
  });
  element.addEventListener("dragleave", () => element.classList.remove("over"));
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    element.classList.remove("over");
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) onFiles(multiple ? files : files.slice(0, 1));
  });
  return element;
}

/** Keys of the whole page, while no field is being written in. `{ u: undo }`; letters without Ctrl, Alt or Meta. */
export function shortcuts(keys: Readonly<Record<string, () => void>>): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target as HTMLElement;
    if (target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && /^(text|search|number|range|radio)$/.test(target.type) && event.key.length > 1)) return;
    if (target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type === "text")) return;
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
