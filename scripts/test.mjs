// npm test: set-up, lint, the room rule, then every test below dist/ and tests/ (or those whose path contains an argument).
//   npm test                     everything
//   npm test -- metrics signal   only test files whose path contains "metrics" or "signal"; no lint
import { spawnSync } from "node:child_process";
import { join, relative } from "node:path";
import { filesBelow, root, run, setUp } from "./setup.mjs";

const filters = process.argv.slice(2);
setUp();
const bin = (name, ...args) => run(process.execPath, [join(root, "node_modules", name, "bin", args[0]), ...args.slice(1)]);
if (filters.length === 0) {
  console.log("Linting …");
  bin("oxlint", "oxlint", "--deny-warnings", "src", "scripts", "tests", "bench");
  console.log("Checking the rooms …");
  bin("dependency-cruiser", "dependency-cruise.mjs", "src", "--config", ".dependency-cruiser.mjs");
}
const tests = [...filesBelow(join(root, "dist")), ...filesBelow(join(root, "tests"))]
  .filter((file) => /\.test\.(js|mjs)$/.test(file))
  .map((file) => relative(root, file))
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
if (tests.length === 0) {
  console.error(`No test file's path contains ${filters.join(" or ")}.`);
  process.exit(2);
}
// The built-in runner's own summary closes the output; "dot" keeps thousands of passing lines out of a terminal.
const reporter = ["--test-reporter=spec", "--test-reporter-destination=stdout"];
const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...reporter, ...tests], { cwd: root, stdio: "inherit" });
process.exit(status ?? 1);
