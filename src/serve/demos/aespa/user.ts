import { InvalidValue } from "../../../core/index.js";
import type { Engine } from "../../../engine/index.js";
import { encodePng } from "../../../io/index.js";
import { ClickDialogue, leastSure, standings, suggestClick, type AespaModel, type Click } from "../../../methods/aespa/index.js";
import { resizeBilinear } from "../../../signal/index.js";
import { sendPicture } from "../../picture.js";
import type { SliceAnswer, TurnAnswer, UserClick } from "./answers.js";
import type { DemoSlice } from "./slice.js";

/** Nobody needs more; the decoder was trained with a handful. */
const mostClicks = 40;

/** One user: a picture, and a dialogue about it. */
export class AespaUser {
  readonly #measured = new WeakMap<Float32Array, readonly number[]>();

  private constructor(
    private readonly engine: Engine,
    private readonly model: AespaModel,
    public slice: DemoSlice,
    private dialogue: ClickDialogue,
  ) {}

  static async begin(engine: Engine, model: AespaModel, slice: DemoSlice): Promise<AespaUser> {
    return new AespaUser(engine, model, slice, await ClickDialogue.begin(engine.tf, model, slice));
  }

  /** Another picture, and a new dialogue. */
  async open(slice: DemoSlice): Promise<void> {
    const next = await ClickDialogue.begin(this.engine.tf, this.model, slice);
    this.dialogue.dispose();
    [this.slice, this.dialogue] = [slice, next];
  }

  /** At a pixel of the shown picture. */
  async click({ x, y, label }: UserClick): Promise<void> {
    if (this.dialogue.clicks.length >= mostClicks) throw new InvalidValue("click", `at most ${mostClicks} clicks count`, mostClicks + 1, "Undo some, or clear.");
    await this.dialogue.click(this.#toModel({ x, y, label }));
  }

  undo = (): void => this.dialogue.undo();
  redo = (): void => this.dialogue.redo();
  clear = (): void => this.dialogue.clear();

  dispose(): void {
    this.dialogue.dispose();
  }

  /** Where to click next to reach a rater's outline; without raters where the model is least sure. */
  suggest(rater: number | undefined): UserClick | null {
    const { width, raters } = this.slice;
    const shown = this.#probability(this.dialogue.probability);
    if (raters.length === 0) {
      const at = leastSure(shown);
      return { x: at % width, y: Math.floor(at / width), label: 1 };
    }
    const mask = insideOf(shown);
    const dice = this.#diceOf(this.dialogue.probability);
    const wanted = raters[rater ?? dice.indexOf(Math.max(...dice))];
    const found = suggestClick(mask, wanted, width);
    return found === undefined ? null : { x: found.at % width, y: Math.floor(found.at / width), label: found.label };
  }

  sliceAnswer(): SliceAnswer {
    const { name, width, height, shown, raters } = this.slice;
    return { name, picture: sendPicture(width, height, 3, shown), outlines: raters.map((mask) => sendPicture(width, height, 1, mask.map((pixel) => 255 * pixel))), ...this.turnAnswer() };
  }

  turnAnswer(): TurnAnswer {
    const { width, height, raters } = this.slice;
    const shown = this.#probability(this.dialogue.probability);
    const clicks = this.#shownClicks();
    const placed = clicks.map(({ x, y, label }) => ({ at: y * width + x, label }));
    return {
      clicks,
      canUndo: this.dialogue.canUndo,
      canRedo: this.dialogue.canRedo,
      probability: sendPicture(width, height, 1, shown),
      raters: raters.length === 0 ? [] : standings(insideOf(shown), raters, placed),
      history: this.dialogue.rounds.map((map) => this.#diceOf(map)),
    };
  }

  maskPng(): Uint8Array {
    const { width, height } = this.slice.stored;
    const mask = insideOf(resizeBilinear(this.#map(this.dialogue.probability), width, height).data);
    return encodePng({ width, height, channels: 1, depth: 8, data: mask.map((pixel) => 255 * pixel) });
  }

  /** Clicks at pixels of the stored picture, and how far each mask was from each rater. */
  clicksJson(run: Readonly<Record<string, unknown>>): string {
    const { name, stored, width, height } = this.slice;
    const { history } = this.turnAnswer();
    const clicks = this.#shownClicks().map(({ x, y, label }) => ({ x: Math.floor(((x + 0.5) * stored.width) / width), y: Math.floor(((y + 0.5) * stored.height) / height), label }));
    return `${JSON.stringify({ schema: "folio.clicks/1", image: name, ...stored, run, clicks, diceByRound: history }, null, 2)}\n`;
  }

  /** Dice of a round's mask with each rater; known rounds are not measured again. */
  #diceOf(map: Float32Array): readonly number[] {
    const known = this.#measured.get(map);
    if (known?.length === this.slice.raters.length) return known;
    const dice = standings(insideOf(this.#probability(map)), this.slice.raters, []).map((each) => each.dice);
    this.#measured.set(map, dice);
    return dice;
  }

  #map(probability: Float32Array) {
    const { size } = this.slice;
    return { width: size, height: size, channels: 1, data: Uint8Array.from(probability, (p) => Math.round(255 * p)) };
  }

  /** At the page's size, 0–255; 128 and more is inside. */
  #probability(map: Float32Array): Uint8Array {
    return resizeBilinear(this.#map(map), this.slice.width, this.slice.height).data;
  }

  /** Pixel centres go to where they lie in the model's picture, between its pixels too. */
  #toModel({ x, y, label }: UserClick): Click {
    const { width, height, size } = this.slice;
    return { x: ((x + 0.5) * size) / width - 0.5, y: ((y + 0.5) * size) / height - 0.5, label };
  }

  #shownClicks(): UserClick[] {
    const { width, height, size } = this.slice;
    return this.dialogue.clicks.map(({ x, y, label }) => ({ x: Math.round(((x + 0.5) * width) / size - 0.5), y: Math.round(((y + 0.5) * height) / size - 0.5), label }));
  }
}

const insideOf = (shown: Uint8Array): Uint8Array => shown.map((p) => (p >= 128 ? 1 : 0));
