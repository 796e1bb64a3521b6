// npm start: set-up, then `folio start`: sample data, notebooks, report.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root, setUp } from "./setup.mjs";

const seconds = setUp();
const { status } = spawnSync(process.execPath, [join(root, "dist", "cli", "main.js"), "start", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, FOLIO_SETUP_SECONDS: JSON.stringify(seconds) },
});
process.exit(status ?? 1);
