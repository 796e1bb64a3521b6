import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failuresOf, noSwiftShader, runOnSwiftShader } from "../cases/swiftshader.fixture.js";

describe("ort-webgpu on SwiftShader", { skip: noSwiftShader }, () => {
  it("passes every case that the other engines pass", async () => {
    const tap = await runOnSwiftShader(new URL("webgpu.cases.js", import.meta.url));
    assert.deepEqual(failuresOf(tap), []);
    assert.match(tap, /^# pass 3\d\d$/m);
  });
});
