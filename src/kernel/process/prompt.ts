import { readSync } from "node:fs";

export class InputRefused extends Error {
  override readonly name = "InputRefused";
}

// What the driver writes instead of a line: there is nobody to ask, or the cell was interrupted while it waited.
export const refusal = "\u0004";

/**
 * Gives cells the browser's blocking `prompt(message)`: the question goes to the reader's front end and the answer comes back as a
 * line on standard input.
 */
export function installPrompt(ask: (prompt: string, password: boolean) => void): void {
  const prompt = (message: unknown = "", preset: unknown = "", options: { password?: boolean } = {}): string => {
    ask(typeof message === "string" ? message : String(message), options.password === true);
    const line = readLine();
    if (line.startsWith(refusal))
      throw new InputRefused(line.slice(1) || "No one can answer here: this front end takes no input.");
    return line === "" && typeof preset === "string" ? preset : line;
  };
  Object.defineProperty(globalThis, "prompt", { value: prompt, configurable: true, writable: true, enumerable: false });
}

function readLine(): string {
  const bytes: number[] = [];
  const one = Buffer.alloc(1);
  for (;;) {
    if (readOne(one) === 0 || one[0] === 10) return Buffer.from(bytes).toString("utf8");
    bytes.push(one[0]);
  }
}

function readOne(buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(0, buffer, 0, 1, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return 0;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
