import type { CellEvent } from "../execute/events.js";

type StreamEvent = Extract<CellEvent, { kind: "stream" }>;

/**
 * Joins what a cell prints into few events: neighbours of the same stream are one, sent after at most 20 ms, before anything of
 * another kind, or when 64 kB have gathered. Order is kept.
 */
export function coalesce(emit: (event: CellEvent) => void, delayMs = 20): { emit: (event: CellEvent) => void; flush: () => void } {
  let held: { first: StreamEvent; parts: string[]; size: number } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (held === undefined) return;
    const { first, parts } = held;
    held = undefined;
    emit({ ...first, text: parts.join("") });
  };
  return {
    flush,
    emit(event) {
      if (event.kind !== "stream") {
        flush();
        emit(event);
        return;
      }
      if (held !== undefined && (held.first.cell !== event.cell || held.first.name !== event.name)) flush();
      held ??= { first: event, parts: [], size: 0 };
      held.parts.push(event.text);
      held.size += event.text.length;
      if (held.size > 65_536) flush();
      else timer ??= setTimeout(flush, delayMs).unref();
    },
  };
}
