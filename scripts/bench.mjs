// npm run bench -- NAME [options]: set-up, then bench/NAME.mjs, which measures us and the peer in one run.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, setUp } from "./setup.mjs";

const [name, ...options] = process.argv.slice(2);
const file = join(root, "bench", `${name}.mjs`);
if (name === undefined || !existsSync(file)) {
  const names = readdirSync(join(root, "bench")).filter((entry) => entry.endsWith(".mjs")).map((entry) => entry.slice(0, -4));
  console.error(`Usage: npm run bench -- NAME [options]; the names are: ${names.join(", ") || "none yet"}`);
  process.exit(2);
}
if (options.includes("--help") || options.includes("-h")) {
  const head = readFileSync(file, "utf8").split("\n");
  const comment = head.slice(0, head.findIndex((line) => !line.startsWith("//")));
  console.log(comment.map((line) => line.replace(/^\/\/ ?/, "")).join("\n"));
  process.exit(0);
}
setUp();
process.argv.splice(2, process.argv.length, ...options);
await import(pathToFileURL(file).href);
