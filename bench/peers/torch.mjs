// Runs the PyTorch twin of a bench where Python has torch (bench/peers/requirements.txt); says so when it is not there.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** @returns {{missing: string} | {version: string, blas: string, median: number, min: number, cpu: number, first: number, megabytes: number}} */
export function torchTimes(net, { threads, steps, device = "cpu", times = 1, timeoutMs }) {
  const python = process.env.FOLIO_PYTHON ?? "python3";
  const script = join(import.meta.dirname, "engine.py");
  // OpenBLAS has threads of its own, of which torch.set_num_threads knows nothing.
  const { status, stdout, stderr, error } = spawnSync(python, [script, String(threads), String(steps), net, ...(device === "cpu" && times === 1 ? [] : [device, String(times)])], { encoding: "utf8", timeout: timeoutMs, env: { ...process.env, OPENBLAS_NUM_THREADS: String(threads), OMP_NUM_THREADS: String(threads) } });
  if (error || status !== 0) {
    const why = error?.message ?? (stderr || "it ended without a word").trim().split("\n").at(-1);
    return { missing: `${why}. Install bench/peers/requirements.txt and name that Python in FOLIO_PYTHON.` };
  }
  return JSON.parse(stdout);
}
