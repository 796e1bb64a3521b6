import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { captured } from "./captured.fixture.js";

const folio = (...args: string[]) => captured(args);

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
