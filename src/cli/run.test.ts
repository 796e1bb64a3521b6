import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silent } from "../core/index.js";
import { runCli } from "./run.js";

async function folio(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await runCli(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    cwd: process.cwd(),
    env: {},
    progress: silent,
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

describe("folio", () => {
  it("prints help with an example and exits 0", async () => {
    const { code, out } = await folio("--help");
    assert.equal(code, 0);
    assert.match(out, /Example:/);
  });

  it("says in one line what was wrong with the call and exits 2", async () => {
    const { code, err } = await folio("--no-such-option");
    assert.equal(code, 2);
    assert.equal(err, "folio: unknown option '--no-such-option' (see folio --help)\n");
  });
});
