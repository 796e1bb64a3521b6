import { basename } from "node:path";
import type { Engine } from "../../../engine/index.js";
import type { AespaModel, AespaRun } from "../../../methods/aespa/index.js";
import { Download, type Route } from "../../demo.js";
import { Fields } from "../../fields.js";
import type { StartAnswer } from "./answers.js";
import { sliceFrom, withRater, type DemoSlice } from "./slice.js";
import { AespaUser } from "./user.js";

/** A picture that can be chosen; read when it is. */
export interface Choice {
  readonly name: string;
  load(): Promise<DemoSlice>;
}

export interface User {
  readonly work: AespaUser;
  /** Position among the choices; −1 for a picture of the user's own. */
  chosen: number;
}

/** Uploads: a fundus photograph of 12 megapixels fits. */
const maxBytes = 24 * 2 ** 20;

export async function startUser(engine: Engine, model: AespaModel, choices: readonly Choice[]): Promise<User> {
  return { work: await AespaUser.begin(engine, model, await choices[0].load()), chosen: 0 };
}

export function aespaRoutes(run: AespaRun, choices: readonly Choice[]): Readonly<Record<string, Route<User>>> {
  const size = run.config.sam.imageSize;
  const start = ({ work, chosen }: User): StartAnswer => ({ ...work.sliceAnswer(), slices: choices.map(({ name }) => name), chosen });
  const open = async (user: User, slice: DemoSlice, chosen: number): Promise<StartAnswer> => {
    await user.work.open(slice);
    user.chosen = chosen;
    return start(user);
  };
  const acted = (act: (work: AespaUser) => void): Route<User> => ({
    takes: "json",
    answer: ({ state: { work } }) => {
      act(work);
      return work.turnAnswer();
    },
  });
  return {
    start: { takes: "json", answer: ({ state }) => start(state) },
    open: {
      takes: "json",
      answer: async ({ state, body }) => {
        const chosen = new Fields(body).whole("slice", 0, choices.length - 1);
        return open(state, await choices[chosen].load(), chosen);
      },
    },
    image: { takes: "bytes", maxBytes, answer: ({ state, bytes, fileName }) => open(state, sliceFrom(bytes, fileName, size), -1) },
    mask: {
      takes: "bytes",
      maxBytes,
      answer: ({ state, bytes, fileName }) => {
        state.work.slice = withRater(state.work.slice, bytes, fileName);
        return start(state);
      },
    },
    click: {
      takes: "json",
      answer: async ({ state: { work }, body }) => {
        const fields = new Fields(body);
        const { width, height } = work.slice;
        await work.click({ x: fields.whole("x", 0, width - 1), y: fields.whole("y", 0, height - 1), label: fields.whole("label", 0, 1) === 1 ? 1 : 0 });
        return work.turnAnswer();
      },
    },
    undo: acted((work) => work.undo()),
    redo: acted((work) => work.redo()),
    clear: acted((work) => work.clear()),
    suggest: {
      takes: "json",
      answer: ({ state: { work }, body }) => {
        const fields = new Fields(body);
        return { click: work.suggest(fields.has("rater") ? fields.whole("rater", 0, work.slice.raters.length - 1) : undefined) };
      },
    },
    "save-mask": { takes: "json", answer: ({ state: { work } }) => new Download(work.maskPng(), "image/png", `${stem(work.slice.name)}-mask.png`) },
    "save-clicks": {
      takes: "json",
      answer: ({ state: { work } }) => {
        const { preset, seed, dataset } = run;
        return new Download(new TextEncoder().encode(work.clicksJson({ preset, seed, dataset })), "application/json", `${stem(work.slice.name)}-clicks.json`);
      },
    },
  };
}

const stem = (name: string): string => basename(name).replace(/\.(png|jpe?g)$/i, "");
