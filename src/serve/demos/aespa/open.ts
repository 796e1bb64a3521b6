import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { BadFile, UsageError } from "../../../core/index.js";
import { readMask, readRated, type RatedDataset, type RatedImage } from "../../../datasets/index.js";
import { openEngine } from "../../../engine/index.js";
import { ratedDataHash, type AespaRun } from "../../../methods/aespa/index.js";
import { disposeWeights } from "../../../nn/index.js";
import { demo, type Demo, type DemoContext } from "../../demo.js";
import { aespaRoutes, startUser, type Choice, type User } from "./routes.js";
import { pageStyle } from "./page-style.js";
import { marksNothing, sliceFrom, withMask, withRater, type DemoSlice } from "./slice.js";
import { generatedSlices, trainedModel, warmUp } from "./trained.js";

/** Loads a trained run, or trains a small one; the pictures come from the options, the run's data, or the generator. */
export async function openAespaDemo(context: DemoContext): Promise<Demo> {
  const { options, cwd, signal } = context;
  const folder = (name: string): string | undefined => (typeof options[name] === "string" ? resolve(cwd, options[name]) : undefined);
  const files = (name: string): string[] => ((options[name] ?? []) as readonly string[]).map((file) => resolve(cwd, file));
  if (files("mask").length > 0 && files("image").length === 0) throw new UsageError("--mask goes with --image: it outlines what is on the first image.");
  const engine = await openEngine({ prefer: options.engine as "auto", signal });
  try {
    const { run, model } = await trainedModel(engine, folder("run"), context);
    const size = run.config.sam.imageSize;
    const own = await ownSlices(files("image"), files("mask"), size);
    const dataset = folder("data") === undefined ? await generatedSlices(context) : await readRated(run.dataset, folder("data")!, run);
    const choices: Choice[] = [
      ...own.map((slice) => ({ name: slice.name, load: async () => slice })),
      ...dataset.images.filter(({ split }) => split === "test").map((image) => ({ name: image.id, load: () => fromDataset(image, size) })),
    ];
    await warmUp(engine, model, context);
    return demo<User>({
      title: "AESPA: a mask that follows the expert who clicks",
      lead: "Experts outline the same lesion differently. Click where the mask is wrong for you; it moves towards the expert who would have clicked so.",
      notice: `${await aboutData(run, dataset)}For study only; this is no medical device.`,
      page: new URL("./page.js", import.meta.url),
      style: pageStyle,
      begin: () => startUser(engine, model, choices),
      end: ({ work }) => work.dispose(),
      close: async () => {
        disposeWeights(model.weights);
        await engine.close();
      },
      routes: aespaRoutes(run, choices),
    });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function aboutData(run: AespaRun, dataset: RatedDataset): Promise<string> {
  return `${run.classIndex === undefined ? "" : `What is outlined is class ${run.classIndex} of ${run.dataset}. `}${await aboutOrigin(run, dataset)}`;
}

async function aboutOrigin({ data }: AespaRun, dataset: RatedDataset): Promise<string> {
  if (dataset.generated === undefined) return "";
  const trained = data === (await ratedDataHash(dataset));
  return trained ? "The model was trained on generated slices, not on patients, and knows nothing else. " : "The sample slices are generated, not patients. ";
}

async function ownSlices(images: readonly string[], masks: readonly string[], size: number): Promise<DemoSlice[]> {
  const slices: DemoSlice[] = [];
  for (const [i, file] of images.entries()) {
    let slice = sliceFrom(await bytesOf(file), basename(file), size);
    for (const mask of i === 0 ? masks : []) slice = withRater(slice, await bytesOf(mask), basename(mask));
    slices.push(slice);
  }
  return slices;
}

/** As the loaders read it; raters who drew nothing have no place beside the others. */
async function fromDataset({ id, image, masks, classIndex }: RatedImage, size: number): Promise<DemoSlice> {
  let slice = sliceFrom(await bytesOf(image), id, size);
  for (const path of masks) {
    if (path === undefined) continue;
    const mask = await readMask(path, classIndex);
    if (!marksNothing(mask)) slice = withMask(slice, mask, basename(path));
  }
  return slice;
}

function bytesOf(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new BadFile("not-found", path, cause.code === "ENOENT" ? "is not there" : `cannot be read (${cause.code})`, "Give a PNG or JPEG file.", { cause });
  });
}
