import type { CellEvent } from "../execute/events.js";

type StreamEvent = Extract<CellEvent, { kind: "stream" }>;

/** So many texts go out at once in one turn of the event loop; a flood beyond them is joined. */
const freely = 64;

/**
 * Joins the text of a cell that prints a lot into few events. A cell that prints little and then computes for long without a pause
 * must be seen at once, so the first texts of each turn of the event loop are sent as they come. Order is kept.
 */
export function coalesce(
  emit: (event: CellEvent) => void,
  delayMs = 20,
): { emit: (event: CellEvent) => void; flush: () => void } {
  let held: { readonly first: StreamEvent; readonly parts: string[]; size: number; readonly since: number } | undefined;
  let sent = 0;
  const flush = (): void => {
    if (held === undefined) return;
    const { first, parts } = held;
    held = undefined;
    emit({ ...first, text: parts.join("") });
  };
  const newTurn = (): void => {
    sent = 0;
    flush();
  };
  return {
    flush,
    emit(event) {
      if (event.kind !== "stream") {
        flush();
        emit(event);
        return;
      }
      if (sent === 0) setImmediate(newTurn);
      if (held === undefined && sent++ < freely) {
        emit(event);
        return;
      }
      if (held !== undefined && (held.first.cell !== event.cell || held.first.name !== event.name)) flush();
      held ??= { first: event, parts: [], size: 0, since: Date.now() };
      held.parts.push(event.text);
      held.size += event.text.length;
      if (held.size > 65_536 || Date.now() - held.since > delayMs) flush();
    },
  };
}
