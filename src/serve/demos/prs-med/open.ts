import { InvalidValue } from "../../../core/index.js";
import { loadPrsRows, rowsOfSplit, type PrsCase } from "../../../datasets/index.js";
import { openEngine } from "../../../engine/index.js";
import { decodeJpeg, decodePng } from "../../../io/index.js";
import { answerAsItComes, askAll } from "../../../methods/prs-med/index.js";
import { zoneOf } from "../../../metrics/index.js";
import { disposeWeights } from "../../../nn/index.js";
import { resizeBilinear } from "../../../signal/index.js";
import { demo, type Demo, type DemoContext } from "../../demo.js";
import { Fields } from "../../fields.js";
import type { AskAnswer, PictureAnswer, WordsAnswer } from "./answers.js";
import { enlarged, shown, shownSize, wordsOf, zoneGrid } from "./look.js";
import { pageStyle } from "./page-style.js";
import { loadData, loadModel } from "./trained.js";

/** What one user looks at, and the answer that is coming. */
interface Asked {
  chosen: number;
  /** One of the user's own, at the model's size. */
  own?: PrsCase & { readonly large: Uint8Array };
  words?: AsyncGenerator<string>;
}

const ownSuggestions = ["Where is the lesion in this image?", "Where is the bright lesion?", "Where is the dark one?", "Please segment the lesion in the top left."];

/** Loads a trained run, or trains a small one; the pictures come from the options or the generator. */
export async function openPrsMedDemo(context: DemoContext): Promise<Demo> {
  const { options, progress, signal } = context;
  const engine = await openEngine({ prefer: options.engine as "auto", signal });
  try {
    const { tf } = engine;
    const model = await loadModel(engine, context);
    const { imageSize } = model.config;
    const dataset = await loadData(context);
    const rows = rowsOfSplit(dataset.rows, "test");
    const pictures = rows.filter((row, i) => rows.findIndex(({ group }) => group === row.group) === i).slice(0, 60);
    const [cases, large] = [await loadPrsRows(pictures, imageSize, { progress, signal }), await loadPrsRows(pictures, shownSize, { progress, signal })];
    await askAll(tf, model, cases.slice(0, 1), { batch: 1 }); // the first answer must not wait for a graph to be compiled
    const grid = zoneGrid();
    const known = new Set(rowsOfSplit(dataset.rows, "train").flatMap(({ question, answer }) => wordsOf(`${question} ${answer}`.toLowerCase())));

    const looking = ({ chosen, own }: Asked): PrsCase => (chosen < 0 ? own! : cases[chosen]);
    const opened = (state: Asked): PictureAnswer => {
      const { group } = looking(state);
      const asked = state.chosen < 0 ? [] : rows.filter((row) => row.group === group).map(({ question }) => question);
      return {
        pictures: pictures.map(({ task, id }) => `${task.replaceAll("_", " ")}, ${id.slice(id.lastIndexOf("/") + 1)}`), chosen: state.chosen, grid,
        picture: enlarged(state.chosen < 0 ? state.own!.large : large[state.chosen].pixels, shownSize, 3),
        suggestions: [...new Set([...asked, ...ownSuggestions])].slice(0, 5),
      };
    };
    const stopTalking = async (state: Asked): Promise<void> => {
      await state.words?.return(undefined);
      state.words = undefined;
    };
    return demo<Asked>({
      title: "PRS-Med: ask where it is",
      lead: "Put a question in your own words. The model answers with a sentence and marks the pixels it means.",
      notice: `${dataset.generated ? "The pictures are generated, and so are those the model learned from. " : ""}For study only; this is no medical device.`,
      page: new URL("./page.js", import.meta.url),
      style: pageStyle,
      begin: () => ({ chosen: 0 }),
      end: (state) => void stopTalking(state),
      close: async () => {
        disposeWeights(model.weights);
        await engine.close();
      },
      routes: {
        start: { takes: "json", answer: ({ state }) => opened(state) },
        open: {
          takes: "json",
          answer: async ({ state, body }) => {
            await stopTalking(state);
            state.chosen = new Fields(body).whole("picture", 0, pictures.length - 1);
            return opened(state);
          },
        },
        load: {
          takes: "bytes",
          answer: async ({ state, bytes, fileName }) => {
            const [pixels, wide] = [picturePixels(bytes, fileName, imageSize), picturePixels(bytes, fileName, shownSize)];
            await stopTalking(state);
            state.own = { ...cases[0], id: fileName, group: "", pixels, large: wide };
            state.chosen = -1;
            return opened(state);
          },
        },
        ask: {
          takes: "json",
          answer: async ({ state, body, signal: gone }): Promise<AskAnswer> => {
            await stopTalking(state);
            const question = new Fields(body).text("question", 200).trim();
            if (question === "") throw new InvalidValue("question", "must not be empty", question, "Ask where something is.");
            const asked = { ...looking(state), question };
            const [reply] = await askAll(tf, model, [asked], { batch: 1, answers: "skip", signal: gone });
            state.words = answerAsItComes(tf, model, asked);
            return shown(reply, question, model, known);
          },
        },
        more: {
          takes: "json",
          answer: async ({ state }): Promise<WordsAnswer> => {
            const next = await state.words?.next();
            if (next === undefined || next.done === true) return { text: "", done: true, zone: null };
            return { text: next.value, done: false, zone: zoneOf(next.value) };
          },
        },
      },
    });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** @throws BadFile, InvalidValue for what is no 8-bit PNG or JPEG */
function picturePixels(bytes: Uint8Array, name: string, side: number): Uint8Array {
  const image = bytes[0] === 0xff ? decodeJpeg(bytes, name) : decodePng(bytes, name);
  if (!(image.data instanceof Uint8Array)) throw new InvalidValue(name, "must have 8 bits a sample", "16", "Save it as an 8-bit PNG or JPEG.");
  const { width, height, channels, data } = image;
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) for (let c = 0; c < 3; c++) rgb[3 * pixel + c] = data[pixel * channels + (channels >= 3 ? c : 0)];
  return resizeBilinear({ width, height, channels: 3, data: rgb }, side, side).data;
}
