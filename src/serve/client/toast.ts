// Runs in the browser.
import { Queue } from "../queue.js";
import { ApiError } from "./api.js";
import { h } from "./dom.js";

let place: HTMLElement | undefined;

/** A short message in the corner, read out by screen readers. Errors stay until they are closed. */
export function toast(text: string, kind: "info" | "error" = "info"): void {
  place ??= document.body.appendChild(h("div", { class: "toasts", role: "region", "aria-label": "Messages" }));
  const close = h("button", { type: "button", "aria-label": "Close this message", onclick: () => box.remove() }, "×");
  const box = h("div", { class: `toast ${kind}`, role: kind === "error" ? "alert" : "status" }, h("span", {}, text), close);
  place.append(box);
  while (place.children.length > 4) place.firstElementChild!.remove();
  if (kind === "info") setTimeout(() => box.remove(), 5000);
}

/** Runs work that the user asked for; what goes wrong is shown, not lost. @returns undefined when it failed */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError && error.code === "cancelled") return undefined;
    toast(error instanceof Error ? error.message : String(error), "error");
    return undefined;
  }
}

const turns = new Queue();

/** `attempt`, once all that was asked for before is answered: a key pressed twice counts twice, and answers are shown in the order of the questions. Never wait for one inside another. */
export const inTurn = <T>(work: () => Promise<T>): Promise<T | undefined> => turns.run(() => attempt(work));
