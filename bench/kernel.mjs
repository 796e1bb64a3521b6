// npm run bench -- kernel [cells]: our kernel beside ipykernel, tslab and Deno's where they are, by the same client in one run.
// FOLIO_PYTHON names the Python that has ipykernel and nbclient; npm install --prefix bench/peers brings the other two.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freeConnection, openClient } from "../dist/kernel/wire/client.js";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "folio-bench-"));
const cells = Number(process.argv[2] ?? 250);
if (!Number.isInteger(cells) || cells < 20 || process.argv.length > 3) {
  console.error(`Usage: npm run bench -- kernel [cells]; cells is a whole number from 20 on, not ${process.argv.slice(2).join(" ")}.`);
  process.exit(2);
}
const python = process.env.FOLIO_PYTHON ?? "python3";
const cli = join(root, "dist", "cli", "main.js");

const peers = join(import.meta.dirname, "peers", "node_modules", ".bin");
process.env.PATH = `${peers}${delimiter}${process.env.PATH}`;

const kernels = [
  {
    name: "folio",
    command: process.execPath,
    args: (file) => [cli, "kernel", "start", "-f", file],
    loop: "let sum = 0; for (let i = 0; i < 1e6; i++) sum += i;",
    print: "for (let i = 0; i < 20000; i++) console.log(i)",
    trivial: (i) => `const v${i} = ${i};`,
  },
  {
    name: "ipykernel",
    command: python,
    args: (file) => ["-m", "ipykernel_launcher", "-f", file],
    probe: [python, ["-c", "import ipykernel"]],
    loop: "s = 0\nfor i in range(1000000): s += i",
    print: "for i in range(20000): print(i)",
    trivial: (i) => `v${i} = ${i}`,
  },
  {
    name: "tslab",
    command: "tslab",
    args: (file) => ["kernel", "--config-path", file],
    probe: ["tslab", ["--version"]],
    loop: "let sum = 0; for (let i = 0; i < 1e6; i++) sum += i;",
    trivial: (i) => `const v${i} = ${i};`,
  },
  {
    name: "deno",
    command: "deno",
    args: (file) => ["jupyter", "--kernel", "--conn", file],
    probe: ["deno", ["--version"]],
    loop: "let sum = 0; for (let i = 0; i < 1e6; i++) sum += i;",
    print: "for (let i = 0; i < 20000; i++) console.log(i)",
    trivial: (i) => `const v${i} = ${i};`,
  },
];

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Memory of a process and its children in MB, pages they share counted once (PSS); Linux only. */
function memory(pid) {
  try {
    const own = Number(/Pss:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]) / 1024;
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean),
    );
    return children.reduce((sum, child) => sum + memory(child), own);
  } catch {
    return NaN;
  }
}

/** Processor time of a process and its children so far, in ms; Linux only. Says more than the clock on a machine that others use. */
function processorMs(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    return children.reduce((sum, child) => sum + processorMs(child), (Number(fields[11]) + Number(fields[12])) * 10);
  } catch {
    return NaN;
  }
}

async function timed(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function measure({ command, args, loop, print, trivial }) {
  const connection = await freeConnection();
  const file = join(folder, "connection.json");
  writeFileSync(file, JSON.stringify(connection));
  const started = performance.now();
  const child = spawn(command, args(file), { cwd: root, stdio: "ignore" });
  const client = await openClient(connection);
  const handshake = performance.now() - started;
  const handshakeProcessor = processorMs(child.pid);
  const first = await timed(() => client.execute(trivial(0)));
  const times = [];
  for (let i = 1; i <= cells; i++) times.push(await timed(() => client.execute(trivial(i))));
  const mb = memory(child.pid);
  const processor = processorMs(child.pid) - handshakeProcessor;
  const loopMs = await timed(() => client.execute(loop));
  const printMs = print === undefined ? NaN : await timed(() => client.execute(print));
  client.send("shutdown_request", { restart: false }, "control");
  await new Promise((resolve) => setTimeout(resolve, 200));
  client.close();
  child.kill("SIGKILL");
  return {
    "handshake ms": handshake,
    "its processor ms": handshakeProcessor,
    "first cell ms": first,
    "cell ms": median(times.slice(0, 20)),
    [`cell ms after ${cells}`]: median(times.slice(-20)),
    [`processor ms of ${cells} cells`]: processor,
    "memory MB": mb,
    "1e6 loop ms": loopMs,
    "20,000 lines ms": printMs,
  };
}

function notebookOf(language, sources) {
  const cell = (source, i) => ({
    id: `c${i}`,
    cell_type: "code",
    metadata: {},
    source,
    outputs: [],
    execution_count: null,
  });
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: language, display_name: language } },
    cells: sources.map(cell),
  };
}

function headless() {
  const ours = join(folder, "ours.ipynb");
  const theirs = join(folder, "theirs.ipynb");
  writeFileSync(
    ours,
    JSON.stringify(
      notebookOf(
        "folio",
        Array.from({ length: 20 }, (_, i) => `const x${i} = ${i};\nx${i} + 1`),
      ),
    ),
  );
  writeFileSync(
    theirs,
    JSON.stringify(
      notebookOf(
        "python3",
        Array.from({ length: 20 }, (_, i) => `x${i} = ${i}\nx${i} + 1`),
      ),
    ),
  );
  const run = (command, args) => {
    const started = performance.now();
    const { status } = spawnSync(command, args, { stdio: "ignore", cwd: folder });
    return status === 0 ? performance.now() - started : NaN;
  };
  const script = `import nbformat; from nbclient import NotebookClient; NotebookClient(nbformat.read(${JSON.stringify(theirs)}, as_version=4)).execute()`;
  const rounds = Array.from({ length: 3 }, () => ({
    "folio run": run(process.execPath, [cli, "run", ours]),
    "nbclient + ipykernel": run(python, ["-c", script]),
  }));
  return Object.fromEntries(
    ["folio run", "nbclient + ipykernel"].map((name) => [name, median(rounds.map((round) => round[name]))]),
  );
}

const measured = async (kernel) =>
  Object.fromEntries(Object.entries(await measure(kernel)).map(([name, value]) => [name, Number(value.toPrecision(3))]));

/** A kernel that does not answer as the protocol says must not hold up the others. */
async function within(ms, name, work) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => {
      console.log(`${name}: not done within ${ms / 1000} s, given up`);
      resolve({});
    }, ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Typed help in a kernel that gives the type checker back after three seconds instead of ten minutes, so that this can be waited for. */
async function typedHelp() {
  const kernel = JSON.stringify(join(root, "dist", "kernel", "index.js"));
  const script = join(folder, "typed.mjs");
  writeFileSync(script, `import { openLanguage, readConnectionFile, startKernel } from ${kernel};
    const folder = process.cwd();
    const connection = await readConnectionFile(process.argv[2]);
    const running = await startKernel({ connection, folder, language: openLanguage({ folder, restAfterMs: 3000 }), warmAfterMs: 400 });
    await running.ended;`);
  const connection = await freeConnection();
  const file = join(folder, "typed.json");
  writeFileSync(file, JSON.stringify(connection));
  const child = spawn(process.execPath, [script, file], { cwd: root, stdio: "ignore" });
  const client = await openClient(connection);
  const completion = (code) => timed(() => client.request("complete_request", { code, cursor_pos: code.length }));
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const first = await completion("Math.");
  for (let i = 0; i < cells; i++) await client.execute(`const v${i} = ${i};`);
  // An explanation waits until the checker is there.
  const explained = (code) => client.request("inspect_request", { code, cursor_pos: code.length, detail_level: 0 });
  await explained("Math");
  const atWork = memory(child.pid);
  for (let i = 0; i < 60 && memory(child.pid) > atWork - 40; i++) await pause(500);
  await pause(1000);
  const atRest = memory(child.pid);
  const again = await completion("Math.");
  await client.execute('import * as tf from "@tensorflow/tfjs";');
  await explained("tf.zeros");
  for (let i = 0; i < 10; i++) await completion("tf.");
  const warm = [];
  for (let i = 0; i < 20; i++) warm.push(await completion(`const a${i} = tf.`));
  client.send("shutdown_request", { restart: false }, "control");
  await pause(200);
  client.close();
  child.kill("SIGKILL");
  return {
    "first completion of a fresh kernel ms": first,
    [`memory MB after ${cells} cells, checker loaded`]: atWork,
    "the same, checker at rest": atRest,
    "first completion after that ms": again,
    "tf. completion ms": median(warm),
  };
}

const rows = {};
for (const kernel of kernels) {
  if (kernel.probe !== undefined && spawnSync(kernel.probe[0], kernel.probe[1], { stdio: "ignore" }).status !== 0)
    console.log(`${kernel.name}: not here, left out`);
  else rows[kernel.name] = await within(150_000, kernel.name, measured(kernel));
}
console.table(rows);
console.log("Typed help:", await within(150_000, "typed help", typedHelp()));
console.log("A notebook of 20 cells, whole process, median of 3 (ms):", headless());
rmSync(folder, { recursive: true, force: true });
process.exit(0);
