// Writes package-lock.json anew after a change of package.json, with every platform's optional packages and no
// download addresses: npm fills those in from whatever registry the reader uses.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./setup.mjs";

const lockfile = join(root, "package-lock.json");
rmSync(lockfile, { force: true });
rmSync(join(root, "node_modules"), { recursive: true, force: true });
run("npm", ["install", "--package-lock-only", "--omit-lockfile-registry-resolved=false", "--loglevel=error"]);
writeFileSync(lockfile, readFileSync(lockfile, "utf8").replaceAll(/^ *"resolved": .*\n/gm, ""));
