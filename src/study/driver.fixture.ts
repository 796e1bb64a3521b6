// A driver in a process of its own, for tests that kill it: node driver.fixture.js ROOT STUDY local|slurm
import { localExecutor } from "./execute/local.js";
import { slurmFolder } from "./execute/open.js";
import { slurmExecutor } from "./execute/slurm/slurm.js";
import { readStudy } from "./file/read.js";
import { runWith } from "./run-study.js";

const [root, name, where] = process.argv.slice(2);
const study = await readStudy(root, name);
const executor =
  where === "slurm"
    ? await slurmExecutor({ study: name, settings: study.slurm, folder: slurmFolder(root, name), env: process.env, pollMs: { least: 100, most: 500 } })
    : localExecutor({ cores: 4, memoryGb: 16, gpus: [] }, process.env);
const { runs } = await runWith(study, executor, { root, progress: { begin: () => ({ update() {}, end() {} }) }, engine: () => "none" });
process.stdout.write(`${JSON.stringify(runs.map(({ id, state, error }) => ({ id, state, error })))}\n`);
process.exitCode = runs.every(({ state }) => state === "done" || state === "unchanged") ? 0 : 1;
