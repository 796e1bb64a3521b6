// Runs in the browser.

type Child = Node | string | number | undefined | false;

/**
 * An element. Attributes that are functions become listeners; `true` is an empty attribute; false and undefined leave it out.
 * @example h("button", { type: "button", class: "primary", onclick: send }, "Send")
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, attributes: Readonly<Record<string, unknown>> = {}, ...children: readonly Child[]): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value as EventListener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/** Puts these in place of what an element holds. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren();
  append(element, children);
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) if (child !== undefined && child !== false) element.append(child instanceof Node ? child : String(child));
}

let count = 0;

/** An id no other element has. */
export const uniqueId = (name: string): string => `${name}-${++count}`;

/** Text for screen readers only. */
export const spoken = (text: string): HTMLElement => h("span", { class: "sr" }, text);
