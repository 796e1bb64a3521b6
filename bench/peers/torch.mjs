// Runs the PyTorch twin of a bench where Python has torch (bench/peers/requirements.txt); says so when it is not there.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** @returns {{missing: string} | {device: string, rows: {net: string, median: number, min: number}[]}} */
export async function torchTimes(nets, { threads, steps }) {
  const python = process.env.FOLIO_PYTHON ?? "python3";
  const script = join(import.meta.dirname, "engine.py");
  const { status, stdout, stderr, error } = spawnSync(python, [script, String(threads), String(steps), ...nets], { encoding: "utf8" });
  if (error || status !== 0) {
    const why = error?.message ?? stderr.trim().split("\n").at(-1);
    return { missing: `${why}. Install bench/peers/requirements.txt and name that Python in FOLIO_PYTHON.` };
  }
  return JSON.parse(stdout);
}
