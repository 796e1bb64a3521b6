import { silent } from "../core/index.js";
import { runCli } from "./run.js";

/** Runs `folio` for a test: nothing reaches the terminal, what it wrote comes back with the exit code. */
export async function captured(
  args: readonly string[],
  { cwd = process.cwd(), env = {} }: { cwd?: string; env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const code = await runCli(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    cwd,
    env,
    progress: silent,
    signal: new AbortController().signal,
  });
  return { code, out, err };
}
