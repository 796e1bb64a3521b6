import { after, before, describe } from "node:test";
import { executorCases } from "../executor.cases.js";
import { slurmFolder } from "../open.js";
import { startCluster, whyNoSlurm, type Cluster } from "./cluster.fixture.js";
import { slurmExecutor } from "./slurm.js";

const why = whyNoSlurm();
if (why !== undefined && process.env.FOLIO_REQUIRE_SLURM) throw new Error(`Slurm is required here, but ${why}.`);
const settings = { prologue: "export FOLIO_PROLOGUE=seen", container: ["env"], graceSeconds: 5 };

describe("the slurm executor, on a real Slurm", { skip: why && `SKIPPED, NOT TESTED: ${why}` }, () => {
  let cluster: Cluster;
  before(async () => (cluster = await startCluster()));
  after(() => cluster.stop());

  executorCases((study, { root }) => slurmExecutor({ study, settings, folder: slurmFolder(root, study), env: cluster.env, pollMs: { least: 100, most: 400 } }), { where: /^n[1-3]$/ });
});
