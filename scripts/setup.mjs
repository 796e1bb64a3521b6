// Brings a checkout to the point where Folio runs: packages installed as the lockfile says, TypeScript built.
// Plain JavaScript without packages, because on a fresh clone nothing else is there yet. Does nothing when nothing changed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

export function setUp({ log = console.log } = {}) {
  requireNode([20, 19]);
  const seconds = {};
  const timed = (name, work) => {
    const started = Date.now();
    if (work()) seconds[name] = (Date.now() - started) / 1000;
  };
  timed("install", () => installPackages(log));
  timed("build", () => build(log));
  return seconds;
}

function requireNode([major, minor]) {
  const [haveMajor, haveMinor] = process.versions.node.split(".").map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  console.error(`folio: this is Node ${process.versions.node}; Folio needs ${major}.${minor} or newer. Get one from nodejs.org.`);
  process.exit(1);
}

function installPackages(log) {
  const stamp = join(root, "node_modules", ".folio-installed");
  const wanted = digest([join(root, "package-lock.json")]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return false;
  log("Installing packages …");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, wanted);
  return true;
}

function build(log) {
  const stamp = join(root, "dist", ".folio-built");
  const sources = [...filesBelow(join(root, "src")), join(root, "tsconfig.json"), join(root, "package-lock.json")];
  const wanted = digest(sources);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return false;
  log("Building …");
  removeOrphans();
  run(process.execPath, [join(root, "node_modules", "typescript-native", "bin", "tsc"), "--project", root]);
  writeFileSync(stamp, wanted);
  return true;
}

// A test or module whose source is gone must not go on running from dist/.
function removeOrphans() {
  const dist = join(root, "dist");
  if (!existsSync(dist)) return;
  for (const file of filesBelow(dist)) {
    const source = join(root, "src", relative(dist, file)).replace(/\.(js|d\.ts|js\.map)$/, ".ts");
    if (/\.(js|d\.ts|js\.map)$/.test(file) && !existsSync(source)) rmSync(file);
  }
}

export function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function digest(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

export function run(command, args, options = {}) {
  const shell = process.platform === "win32" && command === "npm";
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", shell, ...options });
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp();
