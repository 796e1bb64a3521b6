import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { demos } from "../serve/index.js";
import { captured } from "./captured.fixture.js";

describe("folio demo", () => {
  it("lists every method that has one, and each has an example that names it", async () => {
    const { code, out } = await captured(["demo", "--help"]);
    assert.equal(code, 0);
    for (const { name, summary, example } of demos) {
      assert.match(out, new RegExp(`^ +${name} `, "m"));
      assert.ok(summary.length < 100 && example.startsWith(`folio demo ${name}`), name);
      assert.match((await captured(["demo", name, "--help"])).out, /--port <number>.*--open.*Example:/s);
    }
  });

  it("says in one line what is wrong, before a page is served", async () => {
    const wrong = await captured(["demo", "aespa", "--port", "99999"]);
    assert.deepEqual([wrong.code, wrong.err], [2, 'folio: --port must be a number from 1 to 65535, but is "99999".\n']);
    const absent = await captured(["demo", "aespa", "--run", "/no/such/run"]);
    assert.equal(absent.code, 1);
    assert.match(absent.err, /^folio: \/no\/such\/run\/run\.json: is not there\. Train first: folio train aespa .*\n$/);
  });
});
