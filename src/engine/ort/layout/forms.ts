import type { Graph } from "../graph.js";
import { convolutionInputGradient } from "./input-gradient.js";
import type { BlockedOperators } from "./blocked-operators.js";
import { blocked, isImage, type Affine, type ChannelVector, type Form, type Image, type Mask, type Term } from "./form.js";

/** Above this slope a hard sigmoid is a step: 1 for every normal positive number, 0 for 0 and below. */
const steepest = 3.4e38;
/** Sums of more terms are written out. */
const mostTerms = 3;

/** Reads forms: as numbers in blocked or natural layout (each written at most once), and as sums of scaled tensors. */
export class Forms {
  readonly graph: Graph;
  readonly #tensors = new Map<Form, string>();
  readonly #naturals = new Map<Form, string>();
  readonly #affines = new Map<Form, Affine>();
  /** Images whose ReLU has been written: its mask is read from there. */
  readonly #rectified = new Map<Form, string>();

  constructor(readonly blocked: BlockedOperators) {
    this.graph = blocked.graph;
  }

  /** The numbers in blocked layout. */
  tensor(form: Form): string {
    return remember(this.#tensors, form, () => this.#write(form));
  }

  /** The numbers as TensorFlow.js lays them out. */
  natural(form: Form): string {
    if (form.kind === "natural") return form.name;
    return remember(this.#naturals, form, () => {
      if (form.kind === "spread") return this.graph.expand(form.vector.name, form.shape);
      if (form.kind === "joined") return this.graph.op("Concat", form.parts.map((part) => this.natural(part)), { axis: 3 });
      return this.blocked.toNatural(this.tensor(form), form.shape);
    });
  }

  /** The form as Σ gain·tensor + shift; anything else is written out first. */
  affine(form: Form): Affine {
    if (form.kind === "affine") return form;
    return remember(this.#affines, form, () => blocked(this.tensor(form), form.shape));
  }

  relu(image: Image): Affine {
    const rectified = remember(this.#rectified, image, () => this.#combine(this.affine(image), true));
    const result = blocked(rectified, image.shape);
    this.#rectified.set(result, rectified);
    return result;
  }

  #write(form: Form): string {
    const { graph } = this;
    switch (form.kind) {
      case "natural":
      case "spread":
        return this.blocked.fromNatural(this.natural(form), form.shape);
      case "affine":
        return this.#combine(form, false);
      case "product":
        return graph.mul(this.tensor(form.left), this.tensor(form.right));
      case "mask":
        return this.#mask(form);
      case "joined":
        return graph.op("Concat", form.parts.map((part) => this.tensor(part)), { axis: 1 });
      case "input-gradient":
        return convolutionInputGradient(this.blocked, form);
    }
  }

  #mask({ of }: Mask): string {
    const source = this.#rectified.get(of) ?? this.tensor(of);
    return this.graph.op("HardSigmoid", [source], { alpha: { float: steepest }, beta: { float: 0 } });
  }

  /** One pass a term that has a gain or a shift, each adding to the one before. */
  #combine({ terms, shift, shape }: Affine, relu: boolean): string {
    const { graph } = this;
    const channels = shape[3];
    const plain = terms.filter((term) => term.gain === undefined);
    const scaled = terms.filter((term) => term.gain !== undefined);
    let sum = plain.length === 0 ? undefined : plain.map((term) => term.tensor).reduce(graph.add);
    if (scaled.length === 0 && shift === undefined) return relu ? graph.op("Relu", [sum!]) : sum!;
    if (scaled.length === 0) return this.blocked.scaleAndShift(sum!, channels, { shift, relu });
    for (const [i, { tensor, gain }] of scaled.entries()) {
      const last = i === scaled.length - 1;
      sum = this.blocked.scaleAndShift(tensor, channels, { gain, addTo: sum, ...(last && { shift, relu }) });
    }
    return sum!;
  }

  // Arithmetic on vectors; a missing one is the neutral element.

  plus(a: ChannelVector | undefined, b: ChannelVector | undefined): ChannelVector | undefined {
    if (a === undefined || b === undefined) return a ?? b;
    return { name: this.graph.add(a.name, b.name), length: Math.max(a.length, b.length) };
  }

  times(a: ChannelVector | undefined, b: ChannelVector | undefined): ChannelVector | undefined {
    if (a === undefined || b === undefined) return a ?? b;
    return { name: this.graph.mul(a.name, b.name), length: Math.max(a.length, b.length) };
  }

  number(value: number): ChannelVector {
    return { name: this.graph.scalar(value), length: 1 };
  }

  // Arithmetic on images.

  scale(form: Form, factor: ChannelVector): Affine {
    const { terms, shift, shape } = this.affine(form);
    return {
      kind: "affine",
      terms: terms.map(({ tensor, gain }) => ({ tensor, gain: this.times(gain, factor) })),
      shift: shift && this.times(shift, factor),
      shape,
    };
  }

  shift(form: Form, by: ChannelVector): Affine {
    const affine = this.affine(form);
    return { ...affine, shift: this.plus(affine.shift, by) };
  }

  add(left: Form, right: Form): Affine {
    const [a, b] = [this.affine(left), this.affine(right)];
    const terms: Term[] = [...a.terms];
    for (const term of b.terms) {
      const same = terms.findIndex(({ tensor }) => tensor === term.tensor);
      if (same < 0) terms.push(term);
      else terms[same] = { tensor: term.tensor, gain: this.plus(terms[same].gain ?? this.number(1), term.gain ?? this.number(1)) };
    }
    const sum: Affine = { kind: "affine", terms, shift: this.plus(a.shift, b.shift), shape: a.shape };
    return terms.length > mostTerms ? blocked(this.tensor(sum), sum.shape) : sum;
  }

  /** An image where a mask is 1, zeros elsewhere; one gain for all its pixels stays outside. */
  masked(form: Form, mask: Mask): Affine {
    const affine = this.affine(form);
    if (affine.terms.length === 1 && affine.shift === undefined) {
      const [{ tensor, gain }] = affine.terms;
      return { ...affine, terms: [{ tensor: this.graph.mul(tensor, this.tensor(mask)), gain }] };
    }
    return blocked(this.graph.mul(this.tensor(affine), this.tensor(mask)), affine.shape);
  }

  /** Σ over images and pixels, [channels]. */
  sum(form: Form): ChannelVector {
    if (form.kind === "product") return this.#sumOfProduct(form.left, form.right);
    const { terms, shift, shape } = this.affine(form);
    const pixels = shape[0] * shape[1] * shape[2];
    const sums = terms.map(({ tensor, gain }) => this.times(this.blocked.sum(tensor, shape), gain));
    return [...sums, shift && this.times(shift, this.number(pixels))].reduce((a, b) => this.plus(a, b))!;
  }

  /**
   * Σ left·right. An operand with a shift, such as x − mean, is written out first: multiplying out would take the
   * difference of large sums, which loses the variance of images whose mean is large.
   */
  #sumOfProduct(left: Image, right: Image): ChannelVector {
    const terms = (image: Image): readonly Term[] => {
      const affine = this.affine(image);
      return affine.shift === undefined ? affine.terms : [{ tensor: this.tensor(affine) }];
    };
    const products = terms(left).flatMap((a) =>
      terms(right).map((b) => this.times(this.blocked.dot(a.tensor, b.tensor, left.shape), this.times(a.gain, b.gain))),
    );
    return products.reduce((a, b) => this.plus(a, b))!;
  }

  /** The vector over the channels that a form is, if it is one. */
  vectorOf(form: Form, channels: number): ChannelVector | undefined {
    if (form.kind === "spread") return form.vector;
    if (isImage(form)) return undefined;
    const size = form.shape.reduce((product, n) => product * n, 1);
    if (size === 1) return { name: form.shape.length === 0 ? form.name : this.graph.reshape(form.name, []), length: 1 };
    if (size !== channels || form.shape.at(-1) !== channels) return undefined;
    return { name: form.shape.length === 1 ? form.name : this.graph.reshape(form.name, [channels]), length: channels };
  }
}

function remember<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}
