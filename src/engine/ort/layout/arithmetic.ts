import { equal } from "../lowering/rule.js";
import { blocked, isImage, type ChannelVector, type Form, type Image, type Spread } from "./form.js";
import type { Forms } from "./forms.js";
import type { LayoutRule, LayoutRules, LayoutSite } from "./layout-rule.js";

interface Cases {
  images(a: Image, b: Image): Form | undefined;
  imageVector(a: Image, v: ChannelVector): Form | undefined;
  vectorImage(v: ChannelVector, b: Image): Form | undefined;
  vectors(a: ChannelVector, b: ChannelVector): ChannelVector;
}

/** Kernels that change each number by itself, and so do not care where it lies. */
const elementwise = ["Abs", "Exp", "Log", "Sqrt", "Rsqrt", "Sigmoid", "Tanh", "Erf", "Softplus", "Elu", "Relu6", "LeakyRelu", "ClipByValue"];
const elementwisePairs = ["Maximum", "Minimum", "EluGrad"];

/** Sums and products of images: mostly edits of gains and shifts, written out when a convolution or a ReLU needs the numbers. */
export const arithmeticRules: LayoutRules = {
  Add: binary((forms) => ({
    images: (a, b) => forms.add(a, b),
    imageVector: (a, v) => forms.shift(a, v),
    vectorImage: (v, b) => forms.shift(b, v),
    vectors: (a, b) => forms.plus(a, b)!,
  })),
  Sub: binary((forms) => ({
    images: (a, b) => forms.add(a, forms.scale(b, forms.number(-1))),
    imageVector: (a, v) => forms.shift(a, forms.times(v, forms.number(-1))!),
    vectorImage: (v, b) => forms.shift(forms.scale(b, forms.number(-1)), v),
    vectors: (a, b) => ({ name: forms.graph.sub(a.name, b.name), length: Math.max(a.length, b.length) }),
  })),
  Multiply: binary((forms) => ({
    images: (a, b) => product(forms, a, b),
    imageVector: (a, v) => forms.scale(a, v),
    vectorImage: (v, b) => forms.scale(b, v),
    vectors: (a, b) => forms.times(a, b)!,
  })),
  RealDiv: binary((forms) => ({
    images: (a, b) => blocked(forms.graph.div(forms.tensor(a), forms.tensor(b)), a.shape),
    imageVector: (a, { name, length }) => forms.scale(a, { name: forms.graph.op("Reciprocal", [name]), length }),
    vectorImage: () => undefined,
    vectors: (a, b) => ({ name: forms.graph.div(a.name, b.name), length: Math.max(a.length, b.length) }),
  })),
  AddN: ({ forms }, operands) => {
    if (!operands.some(isImage)) return undefined;
    return [(operands as Form[]).reduce((sum, operand) => forms.add(sum, operand))];
  },
  Neg: ({ forms }, [x]) => (isImage(x) ? [forms.scale(x, forms.number(-1))] : undefined),
  Square: ({ forms }, [x]) => (isImage(x) ? [product(forms, x, x)] : undefined),
  SquaredDifference: (site, operands) => {
    const [difference] = arithmeticRules.Sub(site, operands) ?? [];
    return isImage(difference) ? [product(site.forms, difference, difference)] : undefined;
  },
  Relu: ({ forms }, [x]) => (isImage(x) ? [forms.relu(x)] : undefined),
  Step: ({ attrs }, [x]) => {
    const { alpha } = attrs as { alpha?: number };
    return isImage(x) && !alpha ? [{ kind: "mask", of: x, shape: x.shape }] : undefined;
  },
  // A vector stretched to the size of an image stays a vector.
  Tile: ({ forms, outputs: [{ shape }] }, [x]) => {
    if (shape.length !== 4 || !forms.blocked.fills(shape[3])) return undefined;
    const vector = forms.vectorOf(x!, shape[3]);
    return vector && [{ kind: "spread", vector, shape }];
  },
  FusedBatchNorm: ({ forms, attrs }, [x, mean, variance, offset, scale]) => {
    if (!isImage(x)) return undefined;
    const vectors = [mean, variance, offset, scale].map((form) => form && forms.vectorOf(form, x.shape[3]));
    const [centre, spread, shift, gain] = vectors;
    if (!centre || !spread || (offset && !shift) || (scale && !gain)) return undefined;
    const { graph } = forms;
    const { varianceEpsilon = 1e-3 } = attrs as { varianceEpsilon?: number };
    const deviation = graph.op("Sqrt", [graph.add(spread.name, graph.scalar(varianceEpsilon))]);
    const factor = forms.times({ name: graph.op("Reciprocal", [deviation]), length: spread.length }, gain)!;
    const moved = forms.times(forms.times(centre, factor), forms.number(-1));
    return [forms.shift(forms.scale(x, factor), forms.plus(moved, shift)!)];
  },
  ...Object.fromEntries(elementwise.map((kernel) => [kernel, inPlace])),
  ...Object.fromEntries(elementwisePairs.map((kernel) => [kernel, inPlace])),
};

/** An image times a mask is written at once; other products wait, since their sum is cheaper than themselves. */
function product(forms: Forms, left: Image, right: Image): Form {
  if (right.kind === "mask") return forms.masked(left, right);
  if (left.kind === "mask") return forms.masked(right, left);
  return { kind: "product", left, right, shape: left.shape };
}

function binary(casesOf: (forms: Forms) => Cases): LayoutRule {
  return ({ forms, outputs: [{ shape }] }, operands) => {
    const [a, b] = operands as [Form, Form];
    if (shape.length !== 4) return undefined;
    const cases = casesOf(forms);
    const [v, w] = [forms.vectorOf(a, shape[3]), forms.vectorOf(b, shape[3])];
    if (!isImage(a) && !isImage(b)) {
      return (a.kind === "spread" || b.kind === "spread") && v && w ? [spread(cases.vectors(v, w), shape)] : undefined;
    }
    let result: Form | undefined;
    if (isImage(a) && w) result = equal(a.shape, shape) ? cases.imageVector(a, w) : undefined;
    else if (isImage(b) && v) result = equal(b.shape, shape) ? cases.vectorImage(v, b) : undefined;
    else if (equal(a.shape, shape) && equal(b.shape, shape)) result = cases.images(asImage(forms, a), asImage(forms, b));
    return result && [result];
  };
}

const spread = (vector: ChannelVector, shape: readonly number[]): Spread => ({ kind: "spread", vector, shape });

const asImage = (forms: Forms, form: Form): Image => (isImage(form) ? form : forms.affine(form));

/** Runs the kernel's own lowering rule on the numbers as they lie. */
function inPlace({ forms, attrs, outputs, rule }: LayoutSite, operands: readonly (Form | undefined)[]): readonly Form[] | undefined {
  const { shape } = outputs[0];
  if (!operands.some(isImage) || !operands.every((form) => form !== undefined && equal(form.shape, shape))) return undefined;
  const names = (operands as Form[]).map((form) => forms.tensor(form));
  const [name] = rule.emit({ graph: forms.graph, attrs, inputs: operands.map(() => outputs[0]), outputs }, names);
  return [blocked(name, shape)];
}
