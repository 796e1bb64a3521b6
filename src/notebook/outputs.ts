import type { CellEvent, CellResult } from "../kernel/index.js";
import type { Output } from "./nbformat.js";

/** Gathers what the cells of a run send into the outputs a notebook file holds. Cells are named by their execution count. */
export class OutputGatherer {
  readonly #outputs = new Map<number, Output[]>();
  readonly #clearNext = new Set<number>();

  of(cell: number): readonly Output[] {
    return this.#outputs.get(cell) ?? [];
  }

  add(event: CellEvent): void {
    switch (event.kind) {
      case "stream":
        this.#stream(event.cell, event.name, event.text);
        return;
      case "display":
        if (event.update) this.#update(event);
        else
          this.#push(event.cell, {
            output_type: "display_data",
            ...plain(event.bundle),
            ...(event.displayId && { transient: { display_id: event.displayId } }),
          });
        return;
      case "clear":
        if (event.wait) this.#clearNext.add(event.cell);
        else this.#outputs.set(event.cell, []);
        return;
      case "late-error": {
        const { ename, evalue, traceback } = event.error;
        this.#push(event.cell, { output_type: "error", ename, evalue, traceback });
        return;
      }
      default:
    }
  }

  finish(result: CellResult): void {
    if (result.status === "error") {
      const { ename, evalue, traceback } = result.error;
      this.#push(result.cell, { output_type: "error", ename, evalue, traceback });
    } else if (result.result !== undefined) {
      this.#push(result.cell, { output_type: "execute_result", execution_count: result.cell, ...plain(result.result) });
    }
  }

  #push(cell: number, output: Output): void {
    if (this.#clearNext.delete(cell) || !this.#outputs.has(cell)) this.#outputs.set(cell, []);
    this.#outputs.get(cell)!.push(output);
  }

  /** Neighbouring text of one stream is one output; a carriage return overwrites the line, as on a terminal. */
  #stream(cell: number, name: "stdout" | "stderr", text: string): void {
    const outputs = this.#clearNext.has(cell) ? undefined : this.#outputs.get(cell);
    const last = outputs?.at(-1);
    if (outputs === undefined || last?.output_type !== "stream" || last.name !== name) {
      this.#push(cell, { output_type: "stream", name, text: overwritten(text) });
      return;
    }
    outputs[outputs.length - 1] = { ...last, text: overwritten(last.text + text) };
  }

  #update({ displayId, bundle }: Extract<CellEvent, { kind: "display" }>): void {
    for (const outputs of this.#outputs.values()) {
      outputs.forEach((output, i) => {
        if (output.output_type === "display_data" && output.transient?.display_id === displayId)
          outputs[i] = { ...output, ...plain(bundle) };
      });
    }
  }
}

const plain = <T>({
  data,
  metadata,
}: {
  data: T;
  metadata: Readonly<Record<string, unknown>>;
}): { data: T; metadata: Readonly<Record<string, unknown>> } => ({ data, metadata });

/** `10 %\r20 %\n` → `20 %\n`. */
function overwritten(text: string): string {
  if (!text.includes("\r")) return text;
  return text.replaceAll("\r\n", "\n").replaceAll(/[^\n]*\r(?=[^\n])/g, "");
}
