import { InvalidValue } from "../../core/index.js";
import type { RatedCase } from "../../datasets/index.js";
import { imageTensor } from "./batch.js";
import type { Click } from "./click.js";
import { encode, startResponsibilities, type AespaModel } from "./model.js";
import { takeTurn, type TurnState } from "./roll-out.js";
import type { Tensor4D, TensorFlow } from "./tensorflow.js";

/** What was predicted from the clicks so far, and what the next turn begins with. */
interface Turn extends TurnState {
  /** [S, S] */
  readonly probability: Float32Array;
}

/**
 * A user at work on one image: clicks, undo, redo. Every turn is kept, so going back and forth computes nothing, and what
 * is seen after n clicks is what a replay of those n clicks gives: the published demo carries its responsibilities over an
 * undo, and shares them between users (spec §7).
 *
 * @example
 * const dialogue = await ClickDialogue.begin(tf, model, slice); // the mask before any click
 * await dialogue.click({ y: 30, x: 34, label: 1 });
 * dialogue.probability;                                         // [S, S]
 * dialogue.dispose();
 */
export class ClickDialogue {
  readonly #turns: Turn[];
  #clicks: readonly Click[] = [];
  #seen = 0;

  private constructor(
    private readonly tf: TensorFlow,
    private readonly model: AespaModel,
    private readonly features: Tensor4D,
    first: Turn,
  ) {
    this.#turns = [first];
  }

  /** @param image of the model's size; raters are not looked at */
  static async begin(tf: TensorFlow, model: AespaModel, image: Pick<RatedCase, "image" | "size">): Promise<ClickDialogue> {
    const { imageSize } = model.config.sam;
    if (image.size !== imageSize) throw new InvalidValue("ClickDialogue", `needs an image of ${imageSize}×${imageSize}`, image.size);
    const features = tf.tidy(() => encode(tf, imageTensor(tf, [image]), model));
    const start = tf.tidy(() => startResponsibilities(tf, 1, model));
    const first = await turn(tf, model, features, [], { responsibilities: start, last: undefined });
    start.dispose();
    return new ClickDialogue(tf, model, features, first);
  }

  /** The clicks that count now; undone ones do not. */
  get clicks(): readonly Click[] {
    return this.#clicks.slice(0, this.#seen);
  }

  /** After the clicks that count, [S, S] in [0, 1]. */
  get probability(): Float32Array {
    return this.#turns[this.#seen].probability;
  }

  /** The masks after 0, 1, … clicks, up to now. */
  get rounds(): readonly Float32Array[] {
    return this.#turns.slice(0, this.#seen + 1).map(({ probability }) => probability);
  }

  get canUndo(): boolean {
    return this.#seen > 0;
  }

  get canRedo(): boolean {
    return this.#seen < this.#clicks.length;
  }

  /** One more click; what was undone before is forgotten. */
  async click(click: Click): Promise<void> {
    const clicks = [...this.clicks, click];
    const next = await turn(this.tf, this.model, this.features, clicks, this.#turns[this.#seen]);
    for (const forgotten of this.#turns.splice(this.#seen + 1)) free(forgotten);
    this.#turns.push(next);
    this.#clicks = clicks;
    this.#seen++;
  }

  undo(): void {
    if (this.canUndo) this.#seen--;
  }

  redo(): void {
    if (this.canRedo) this.#seen++;
  }

  /** Back to the mask before any click. */
  clear(): void {
    for (const forgotten of this.#turns.splice(1)) free(forgotten);
    [this.#clicks, this.#seen] = [[], 0];
  }

  dispose(): void {
    for (const each of this.#turns.splice(0)) free(each);
    this.features.dispose();
  }
}

async function turn(tf: TensorFlow, model: AespaModel, features: Tensor4D, clicks: readonly Click[], before: TurnState): Promise<Turn> {
  const { logits, probability, responsibilities } = takeTurn(tf, model, features, [clicks], before);
  const map = (await probability.data<"float32">()).slice();
  probability.dispose();
  return { probability: map, responsibilities, last: logits };
}

function free({ responsibilities, last }: TurnState): void {
  responsibilities.dispose();
  last?.dispose();
}
