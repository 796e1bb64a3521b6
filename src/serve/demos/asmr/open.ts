import { resolve } from "node:path";
import { BadFile, InvalidValue } from "../../../core/index.js";
import { loadAcdc, readAcdc } from "../../../datasets/index.js";
import { openEngine } from "../../../engine/index.js";
import { simulateKspace, type KspaceSlice } from "../../../methods/asmr/index.js";
import { disposeWeights } from "../../../nn/index.js";
import { demo, type Demo, type DemoContext } from "../../demo.js";
import { Fields } from "../../fields.js";
import { sendPicture } from "../../picture.js";
import type { Chooser, ScanAnswer, SliceAnswer, Standing, VarietyAnswer } from "./answers.js";
import { pageStyle } from "./page-style.js";
import { alone, bytesOf, kspacePicture, nextColumn, scannerOf, seen, setsOfColumns, structures, type Line } from "./scan.js";
import { generatedHearts, loadRuns } from "./trained.js";

/** What one user does: a slice, a budget, the lines so far. */
interface Scan {
  run: number;
  slice: number;
  budget: number;
  lines: Line[];
  standings: Standing[];
}

const choosers = ["policy", "centre", "equispaced", "vds", "random"] as const satisfies readonly Chooser[];

/** Test slices on which the policy's columns are compared, at most. */
const slicesTried = 48;

/** Loads trained runs, or trains a small one; the slices come from the options or the generator. */
export async function openAsmrDemo(context: DemoContext): Promise<Demo> {
  const { options, cwd, progress, signal } = context;
  const engine = await openEngine({ prefer: options.engine as "auto", signal });
  try {
    const runs = await loadRuns(engine, [(options.run as string | readonly string[] | undefined) ?? []].flat().map((folder) => resolve(cwd, folder)), context);
    const dataset = typeof options.data === "string" ? await readAcdc(resolve(cwd, options.data)) : await generatedHearts(context);
    const { data } = runs[0].run.config;
    const other = runs.find(({ run }) => run.config.data.size !== data.size);
    if (other) throw new BadFile("unsupported", other.name, `was trained on slices of ${other.run.config.data.size} pixels, the first run on ${data.size}`, "Open them one after the other.");
    const own = dataset.slices.filter(({ split }) => split === "test");
    const slices = await simulateKspace(engine.tf, await loadAcdc({ root: dataset.root, slices: own }, { size: data.size, fit: data.fit, progress, signal }), data);
    if (slices.length === 0) throw new BadFile("empty", dataset.root, "has no test slices", "Give a folder whose split.csv names some.");
    const scanners = runs.map((run) => scannerOf(engine, run));
    const mostLines = Math.min(data.size - 1, 32, ...runs.map(({ run }) => run.config.policy.remainingSlots - 1));
    await seen(scanners[0], slices[0], [], 1); // the first answer must not wait for a graph to be compiled

    const show = async (scan: Scan): Promise<ScanAnswer> => {
      const { standing, ...answer } = await seen(scanners[scan.run], slices[scan.slice], scan.lines, scan.budget);
      scan.standings = [...scan.standings.slice(0, scan.lines.length), standing];
      return { ...answer, standings: scan.standings };
    };
    const begun = async (scan: Scan): Promise<SliceAnswer> => {
      Object.assign(scan, { lines: [], standings: [] });
      const slice: KspaceSlice = slices[scan.slice];
      const [policyAlone, middleFirst] = [await alone(scanners[scan.run], slice, scan.budget, "policy"), await alone(scanners[scan.run], slice, scan.budget, "centre")];
      return {
        ...(await show(scan)), policyAlone, middleFirst, mostLines, size: data.size,
        runs: runs.map(({ name }) => name), run: scan.run, slices: slices.map(({ id }) => id), slice: scan.slice,
        image: sendPicture(data.size, data.size, 1, bytesOf(slice.image)), kspace: kspacePicture(slice), truth: structures(slice.label, data.size),
      };
    };
    const few = slices.filter((_, i) => i % Math.ceil(slices.length / slicesTried) === 0);
    const counted = new Map<string, Promise<number>>();
    const variety = async ({ run, budget }: Scan): Promise<VarietyAnswer> => {
      const key = `${run} ${budget}`;
      if (!counted.has(key)) counted.set(key, setsOfColumns(engine, runs[run], few, budget));
      return { run, budget, slices: few.length, sets: await counted.get(key)! };
    };
    const add = (scan: Scan, line: Line): Promise<ScanAnswer> => {
      scan.lines.push(line);
      return show(scan);
    };
    const room = (scan: Scan): void => {
      if (scan.lines.length >= scan.budget) throw new InvalidValue("budget", `all ${scan.budget} lines are spent`, scan.lines.length, "Undo a line, start again, or raise the budget.");
    };
    return demo<Scan>({
      title: "ASMR-seg: which lines of k-space does a segmentation need?",
      lead: "A scanner fills k-space line by line. Let the policy choose the next line, or click one yourself, and see what the reconstruction and its segmentation make of it.",
      notice: `${dataset.generated ? "These hearts are generated and built so that outer lines matter; they are no evidence about real MRI. " : "k-space is simulated from magnitude pictures. "}For study only; this is no medical device.`,
      page: new URL("./page.js", import.meta.url),
      style: pageStyle,
      begin: () => ({ run: 0, slice: 0, budget: Math.min(mostLines, runs[0].run.config.ppo.evaluateBudget), lines: [], standings: [] }),
      close: async () => {
        for (const { segmenter, policy } of runs) for (const { weights } of [segmenter, policy]) disposeWeights(weights);
        await engine.close();
      },
      routes: {
        start: { takes: "json", answer: ({ state }) => begun(state) },
        open: {
          takes: "json",
          answer: ({ state, body }) => {
            const fields = new Fields(body);
            if (fields.has("run")) state.run = fields.whole("run", 0, runs.length - 1);
            if (fields.has("slice")) state.slice = fields.whole("slice", 0, slices.length - 1);
            if (fields.has("budget")) state.budget = fields.whole("budget", 1, mostLines);
            return begun(state);
          },
        },
        variety: { takes: "json", answer: ({ state }) => variety(state) },
        step: {
          takes: "json",
          answer: async ({ state, body }) => {
            room(state);
            const by = new Fields(body).oneOf("by", choosers);
            return add(state, { column: await nextColumn(scanners[state.run], slices[state.slice], state.lines, state.budget, by), by });
          },
        },
        take: {
          takes: "json",
          answer: ({ state, body }) => {
            room(state);
            const [first, last] = data.sampledIndices;
            const column = new Fields(body).whole("column", first, last);
            if (state.lines.some((line) => line.column === column)) throw new InvalidValue("column", "must be one that was not acquired yet", column, "Click another column.");
            return add(state, { column, by: "you" });
          },
        },
        undo: {
          takes: "json",
          answer: ({ state }) => {
            state.lines.pop();
            return show(state);
          },
        },
        clear: {
          takes: "json",
          answer: ({ state }) => {
            state.lines = [];
            return show(state);
          },
        },
      },
    });
  } catch (error) {
    await engine.close();
    throw error;
  }
}
