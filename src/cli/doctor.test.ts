import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { captured } from "./captured.fixture.js";

const doctor = (args: string[], env: Record<string, string>) => captured(["doctor", ...args], { env });

describe("folio doctor", () => {
  it("names the engines, which one auto takes, and how to get the others", async () => {
    const { code, out } = await doctor(["--json"], {});
    assert.equal(code, 0);
    const { findings } = JSON.parse(out) as { findings: { name: string; found: boolean; detail: string; remedy?: string }[] };
    const wasm = findings.find(({ name }) => name === "Engine wasm");
    assert.equal(wasm?.found, true);
    assert.match(findings.find(({ name }) => name === "Engine")!.detail, /^"auto" takes \w+/);
    for (const engine of findings.filter(({ name, found }) => name.startsWith("Engine ") && !found)) assert.ok(engine.remedy, engine.name);
  });

  it("says that FOLIO_CHROME leads nowhere", async () => {
    const { code, out } = await doctor([], { FOLIO_CHROME: "/no/such/browser" });
    assert.equal(code, 0);
    assert.match(out, /✖ Browser \(PDF\): FOLIO_CHROME is \/no\/such\/browser, which does not exist\n {4}Correct or unset FOLIO_CHROME/);
    assert.match(out, /Something Folio needs is missing/);
  });
});
