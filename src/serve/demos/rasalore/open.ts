import { join, resolve } from "node:path";
import { BadFile } from "../../../core/index.js";
import { loadSlice, makeBratsSlices, readBrainSlices, type BrainSlice, type LoadedSlice } from "../../../datasets/index.js";
import { openEngine, type Engine } from "../../../engine/index.js";
import { decodePng } from "../../../io/index.js";
import { openTrained, presets, slicesHash, trainRasaloreRun } from "../../../methods/rasalore/index.js";
import { demo, type Demo, type DemoContext } from "../../demo.js";
import { Fields } from "../../fields.js";
import { ownRunFolder } from "../own-run-folder.js";
import { embeddingChoices } from "./answers.js";
import { lookAt, type Looked } from "./look.js";

interface User {
  looked: Looked;
}

/** Loads a trained run, or trains a small one; shows the test slices of its data. */
export async function openRasaloreDemo(context: DemoContext): Promise<Demo> {
  const { options, cwd, signal } = context;
  const folder = (name: string): string | undefined => (typeof options[name] === "string" ? resolve(cwd, options[name]) : undefined);
  const engine = await openEngine({ prefer: options.engine as "auto", signal });
  try {
    const dataset = await readBrainSlices(folder("data") ?? (await generatedSlices(context)));
    const opened = await openTrained(engine.tf, folder("run") ?? (await ownRun(engine, context)));
    const test = dataset.slices.filter(({ split }) => split === "test");
    const shown = [...test.filter(({ label }) => label === "unhealthy"), ...test.filter(({ label }, i) => label === "healthy" && i % 4 === 0)];
    if (shown.length === 0) throw new BadFile("empty", dataset.root, "holds no test slice", "Give a folder that folio data make brats --from wrote.");
    // The middle of the first patient's lesion: its ends are the hardest slices to begin with.
    const first = Math.floor(shown.filter(({ patient, label }) => patient === shown[0].patient && label === shown[0].label).length / 2);
    const names = shown.map(({ id, label }) => `${id} (${label})`);
    const answer = (user: User) => lookAt(engine.tf, opened, user.looked, names);
    const change = (user: User, looked: Partial<Looked>) => {
      user.looked = { ...user.looked, ...looked };
      return answer(user);
    };
    return demo<User>({
      title: "RASALoRE: a tumour mask from slice labels alone",
      lead: "Nobody outlined a tumour for this network. See where a prompted CLIP looks, the box that follows from it, the points that ask the image, and the mask.",
      notice: `${dataset.generated ? "These slices are generated, not patients. " : ""}For study only; this is no medical device.`,
      page: new URL("./page.js", import.meta.url),
      begin: async () => ({ looked: { loaded: await loadSlice(shown[first]), chosen: first, embeddings: "trained", draw: 0 } }),
      close: async () => {
        opened.dispose();
        await engine.close();
      },
      routes: {
        start: { takes: "json", answer: ({ state }) => answer(state) },
        open: {
          takes: "json",
          answer: async ({ state, body }) => {
            const chosen = new Fields(body).whole("slice", 0, shown.length - 1);
            return change(state, { loaded: await loadSlice(shown[chosen]), chosen });
          },
        },
        embeddings: {
          takes: "json",
          answer: ({ state, body }) => change(state, { embeddings: new Fields(body).oneOf("kind", embeddingChoices), draw: state.looked.draw + 1 }),
        },
        image: { takes: "bytes", answer: ({ state, bytes, fileName }) => change(state, { loaded: ownSlice(bytes, fileName), chosen: -1 }) },
      },
    });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** A grey 8-bit PNG of the user's own, without ground truth. */
function ownSlice(bytes: Uint8Array, fileName: string): LoadedSlice {
  const { width, height, channels, data } = decodePng(bytes, fileName);
  if (!(data instanceof Uint8Array)) throw new BadFile("unsupported", fileName, "has 16 bits a sample", "Give an 8-bit PNG, scaled as folio data make brats does.");
  if (Math.min(width, height) < 32 || Math.max(width, height) > 1024) throw new BadFile("unsupported", fileName, `is ${width}×${height} pixels`, "Give a slice of 32 to 1024 pixels a side.");
  const image = channels === 1 ? data : Uint8Array.from({ length: width * height }, (_, i) => data[channels * i]);
  const slice: BrainSlice = { id: fileName, patient: fileName, z: 0, split: "test", label: "unhealthy", image: fileName, mask: undefined };
  return { slice, width, height, image, mask: undefined };
}

/** Generated slices, made once and kept in .folio/demo. */
async function generatedSlices({ cwd, progress, signal }: DemoContext): Promise<string> {
  const out = join(cwd, ".folio", "demo", "brats-quick");
  await makeBratsSlices({ out, preset: "quick", seed: 1, progress, signal });
  return out;
}

async function ownRun(engine: Engine, context: DemoContext): Promise<string> {
  context.say("No --run was given: using a small model trained on generated slices (the first time takes about a minute; it is kept in .folio/demo).");
  const dataset = await readBrainSlices(await generatedSlices(context));
  const config = presets.quick;
  const folder = ownRunFolder(context.cwd, "rasalore", { config, data: await slicesHash(dataset) });
  await trainRasaloreRun({ engine, dataset, folder, preset: "quick", seed: 1, config, progress: context.progress, signal: context.signal });
  return folder;
}
