import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

describe("the package", () => {
  it("pins every dependency to one version", () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      assert.match(version, /^(npm:.+@)?\d+\.\d+\.\d+$/, `${name}: ${version}`);
    }
  });

  it("has a lockfile without download addresses that covers every platform's optional packages", () => {
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
    for (const [name, entry] of Object.entries(packages)) {
      assert.equal(entry.resolved, undefined, `${name} names a download address; run node scripts/lock.mjs`);
      for (const optional of Object.keys(entry.optionalDependencies ?? {})) {
        const listed = `node_modules/${optional}` in packages || `${name}/node_modules/${optional}` in packages;
        assert.ok(listed, `${name} wants ${optional}, which the lockfile lacks; npm ci would refuse`);
      }
    }
  });

  it("resolves its own public names, as a notebook imports them", async () => {
    for (const [name, target] of Object.entries(manifest.exports)) {
      if (!existsSync(join(root, target))) continue;
      const resolved = fileURLToPath(import.meta.resolve(`folio${name.slice(1)}`));
      assert.equal(resolved, join(root, target));
    }
  });

  it("answers --version and --help from any folder", () => {
    const main = join(root, manifest.bin.folio);
    const options = { cwd: "/", encoding: "utf8" };
    assert.equal(execFileSync(process.execPath, [main, "--version"], options).trim(), manifest.version);
    const { status, stderr } = spawnSync(process.execPath, [main, "no-such-command"], options);
    assert.equal(status, 2);
    assert.match(stderr, /^folio: .*no-such-command.*\n$/);
  });

  it("ends quietly when the reader of its output closes the pipe", async () => {
    const folio = spawn(process.execPath, [join(root, manifest.bin.folio), "score", "detection", "--help"]);
    let stderr = "";
    folio.stderr.on("data", (text) => (stderr += text));
    folio.stdout.destroy();
    const [code] = await once(folio, "close");
    assert.deepEqual([code, stderr], [0, ""]);
  });
});
