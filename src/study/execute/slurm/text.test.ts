import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff } from "./back-off.js";
import { batchScript, quoted, slurmTime } from "./script.js";
import { isStranded, isWaiting, readAccounting, readJobs, readQueue } from "./tasks.js";

test("the batch script asks for the run's resources and hands the shell's place to the worker", () => {
  const script = batchScript({
    jobName: "folio-demo-ab12", tasks: 40, folders: "/shared/it's/list", output: "/shared/%a.out", node: "/opt/node/bin/node", worker: "/folio/worker.js",
    resources: { cores: 4, memoryGb: 15.5, gpus: 2, minutes: 90 },
    settings: { partition: "gpu", account: "lab", qos: "long", constraint: "a100&nvlink", gpuType: "a100", throttle: 8, graceSeconds: 120, prologue: "module load node/22\n", container: ["apptainer", "exec", "--nv", "folio.sif"] },
  });
  const lines = script.split("\n");
  for (const option of ["--job-name=folio-demo-ab12", "--array=0-39%8", "--cpus-per-task=4", "--mem=15872M", "--gres=gpu:a100:2", "--time=01:30:00", "--partition=gpu", "--account=lab", "--qos=long", "--constraint='a100&nvlink'", "--requeue", "--signal=B:TERM@120"])
    assert.ok(lines.includes(`#SBATCH ${option}`), `${option} in\n${script}`);
  assert.deepEqual(lines.slice(-5), [
    `folder=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" '/shared/it'\\''s/list')`,
    'exec >>"$folder/log.txt" 2>&1',
    "module load node/22",
    'exec apptainer exec --nv folio.sif /opt/node/bin/node /folio/worker.js "$folder"',
    "",
  ]);
});

test("times are written as Slurm reads them, and no word is more than a word to the shell", () => {
  assert.deepEqual([0.5, 90, 1440, 2885.5].map(slurmTime), ["00:00:30", "01:30:00", "1-00:00:00", "2-00:05:30"]);
  assert.deepEqual(["a/b.c", "a b", "$(rm)", "it's"].map(quoted), ["a/b.c", "'a b'", "'$(rm)'", "'it'\\''s'"]);
});

test("the queue, the accounting and the controller's memory are read alike", () => {
  assert.deepEqual(readQueue("71|3|RUNNING|n2|folio-x|None\n71|4|PENDING||folio-x|Priority\n80|N/A|RUNNING|n1|other|None\n"), [
    { name: "71_3", state: "RUNNING", node: "n2", jobName: "folio-x", reason: "None" },
    { name: "71_4", state: "PENDING", jobName: "folio-x", reason: "Priority" },
  ]);
  assert.deepEqual(readAccounting("71_3|COMPLETED|0:0|n2\n71_4|CANCELLED by 1000|0:15|None assigned\n71_[5-9]|PENDING|0:0|None\n").map(({ name, state }) => [name, state]), [["71_3", "COMPLETED"], ["71_4", "CANCELLED"]]);
  assert.deepEqual(readJobs("JobId=72 ArrayJobId=71 ArrayTaskId=3 JobName=x JobState=NODE_FAIL Reason=None NodeList=n2 BatchHost=n2\nJobId=71 ArrayJobId=71 ArrayTaskId=4-9 JobState=PENDING NodeList=(null)\n"), [{ name: "71_3", state: "NODE_FAIL", node: "n2" }]);
  const [held, waiting] = readQueue("1|12|PENDING||folio-x|launch failed requeued held\n1|13|PENDING||folio-x|JobHeldUser\n");
  assert.deepEqual([isStranded(held), isStranded(waiting)], [true, false], "what a user holds is meant to wait");
  assert.deepEqual(["PENDING", "CONFIGURING", "RUNNING", "COMPLETING"].map(isWaiting), [true, true, false, false]);
});

test("looks ever more rarely while nothing happens, and soon again when something does", () => {
  const waits = backOff({ leastMs: 100, mostMs: 1000, factor: 2 });
  assert.deepEqual([false, false, false, false, false, true, false].map((happened) => waits.next(happened)), [200, 400, 800, 1000, 1000, 100, 200]);
});
