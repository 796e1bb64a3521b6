import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failuresOf, noSwiftShader, runOnSwiftShader } from "../cases/swiftshader.fixture.js";
import { resolvePackage } from "../optional-package.js";
import { webgpuBackend } from "./backend.js";
import { adapterName } from "./dawn.js";

describe("webgpu", () => {
  const info = { vendor: "google", architecture: "swiftshader", device: "subzero", description: "SwiftShader driver 5.0.0", isFallbackAdapter: true };

  it("is missing with the command that installs its packages, or with the driver it needs", async () => {
    const asks = async () => "";
    const none = await webgpuBackend(() => assert.fail("not found"), asks).probe();
    assert.ok(!none.available && /tfjs-backend-webgpu is not installed/.test(none.why));
    assert.match(none.remedy, /npm install @tensorflow\/tfjs-backend-webgpu@4\.22\.0 webgpu@0\.6\.2/);
    const noAdapter = await webgpuBackend(resolvePackage, asks).probe();
    assert.ok(!noAdapter.available && /no GPU answers/.test(noAdapter.why) && /Vulkan/.test(noAdapter.remedy));
  });

  it("names the adapter, and says when it is no GPU", () => {
    assert.equal(adapterName(info), "SwiftShader driver 5.0.0 (google swiftshader), a driver that computes on the processor");
    assert.equal(adapterName({ ...info, description: "", architecture: "", vendor: "nvidia", device: "H100", isFallbackAdapter: false }), "H100 (nvidia)");
    assert.equal(adapterName({ vendor: "", architecture: "", device: "", description: "" }), "unnamed GPU");
  });
});

describe("webgpu on SwiftShader", { skip: noSwiftShader }, () => {
  it("passes the gradient table and the semantics that the other engines pass, and trains as PyTorch does", async () => {
    const tap = await runOnSwiftShader(new URL("webgpu.cases.js", import.meta.url));
    assert.deepEqual(failuresOf(tap), []);
    assert.match(tap, /^# pass 3\d\d$/m);
    assert.equal(tap.match(/^\s*ok .* over 20 steps of a /gm)?.length, 4);
  });
});
