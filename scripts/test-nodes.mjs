// npm run test:nodes [-- 22 24 kernel]: the test command under other Node versions, each taken from npm into a temporary folder; all
// tests, or those whose path contains one of the words.
// Needs the registry; .ci/run does not call it, so that CI depends on one Node only.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, setUp } from "./setup.mjs";

const asked = process.argv.slice(2);
const isVersion = (word) => /^\d+(\.\d+)*$/.test(word);
const versions = asked.some(isVersion) ? asked.filter(isVersion) : ["20", "22", "24"];
const filters = asked.filter((word) => !isVersion(word));
setUp();
const outcomes = versions.map((version) => {
  const folder = mkdtempSync(join(tmpdir(), `folio-node-${version}-`));
  try {
    // The `node` package would fetch its binary in an install script; the platform package it points to holds the binary itself.
    const platform = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
    const install = ["install", "--prefix", folder, "--no-save", "--loglevel=error", `${platform}@${version}`];
    if (spawnSync("npm", install, { stdio: "inherit" }).status !== 0) return { version, passed: false, said: `${platform}@${version} could not be installed` };
    const node = join(folder, "node_modules", platform, "bin", "node");
    const said = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
    console.log(`\n=== ${said}`);
    const { status } = spawnSync(node, [join(root, "scripts", "test.mjs"), ...filters], { cwd: root, stdio: "inherit" });
    return { version, passed: status === 0, said };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
console.log("");
for (const { version, passed, said } of outcomes) console.log(`Node ${version} (${said}): ${passed ? "passed" : "FAILED"}`);
process.exit(outcomes.every(({ passed }) => passed) ? 0 : 1);
