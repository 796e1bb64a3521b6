import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs";
import type { Random } from "../../core/index.js";
import type { TensorFlow } from "../engine.js";
import { gelu } from "../ops/gelu.js";
import { groupNorm } from "../ops/group-norm.js";
import type { Numbers } from "./finite-differences.js";

/** One operation whose gradient every engine must get right. */
export interface DifferentiableOp {
  readonly name: string;
  readonly inputs: (random: Random) => Numbers[];
  readonly f: (tf: TensorFlow, ...inputs: Tensor[]) => Tensor;
}

const normal =
  (...shape: number[]) =>
  (random: Random): Numbers => ({ shape, values: Float32Array.from({ length: size(shape) }, () => random.normal()) });
const positive =
  (...shape: number[]) =>
  (random: Random): Numbers => ({ shape, values: Float32Array.from({ length: size(shape) }, () => random.uniform(0.5, 2)) });
/** Values at least 0.25 from each other and 0.12 from 0, so that no kink lies within reach of a finite difference. */
const apart =
  (...shape: number[]) =>
  (random: Random): Numbers => {
    const count = size(shape);
    const order = random.permutation(count);
    return { shape, values: Float32Array.from({ length: count }, (_, i) => (order[i] - Math.floor(count / 2)) * 0.25 + 0.125) };
  };

function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

type Make = (random: Random) => Numbers;

function op(name: string, inputs: readonly Make[], f: DifferentiableOp["f"]): DifferentiableOp {
  return { name, inputs: (random) => inputs.map((make, i) => make(random.stream(i))), f };
}

function elementwise(): DifferentiableOp[] {
  const smooth = ["exp", "sigmoid", "tanh", "square", "neg", "sin", "cos", "erf", "softplus", "atan", "expm1", "sinh", "cosh"] as const;
  const kinked = ["relu", "relu6", "abs", "elu", "selu", "leakyRelu", "sign", "floor", "ceil", "round"] as const;
  const onPositive = ["log", "sqrt", "rsqrt", "reciprocal", "log1p"] as const;
  return [
    ...smooth.map((name) => op(name, [normal(3, 5)], (tf, x) => tf[name](x))),
    ...kinked.map((name) => op(name, [apart(3, 5)], (tf, x) => tf[name](x))),
    ...onPositive.map((name) => op(name, [positive(3, 5)], (tf, x) => tf[name](x))),
    op("gelu", [normal(4, 8)], (tf, x) => gelu(tf, x)),
    op("clipByValue", [apart(3, 5)], (tf, x) => tf.clipByValue(x, -1, 1)),
    op("prelu with a slope a channel", [apart(4, 9), positive(9)], (tf, x, slope) => tf.prelu(x, slope)),
    op("step", [apart(3, 5)], (tf, x) => tf.step(x, 0.5)),
    op("cast to float", [normal(3)], (tf, x) => tf.cast(x, "float32")),
  ];
}

function binary(): DifferentiableOp[] {
  const names = ["add", "sub", "mul", "squaredDifference"] as const;
  return [
    ...names.map((name) => op(`${name}, same shape`, [normal(3, 4), normal(3, 4)], (tf, a, b) => tf[name](a, b))),
    ...names.map((name) => op(`${name}, broadcast [2, 3, 1] with [4]`, [normal(2, 3, 1), normal(4)], (tf, a, b) => tf[name](a, b))),
    op("div, broadcast", [normal(2, 3), positive(3)], (tf, a, b) => tf.div(a, b)),
    op("div by a scalar", [normal(2, 3), positive()], (tf, a, b) => tf.div(a, b)),
    op("pow", [positive(2, 3), normal(2, 3)], (tf, a, b) => tf.pow(a, b)),
    op("pow by a number", [positive(2, 3)], (tf, a) => tf.pow(a, 2.5)),
    op("maximum", [apart(2, 6)], (tf, a) => tf.maximum(a, tf.reverse(a, 1))),
    op("minimum with a number", [apart(2, 6)], (tf, a) => tf.minimum(a, 0)),
    op("where by a fixed mask", [normal(2, 5), normal(2, 5)], (tf, a, b) => tf.where(mask(tf), a, b)),
    op("where by a comparison of what is trained", [apart(2, 5), normal(2, 5)], (tf, a, b) => tf.where(tf.greater(a, 0), a, b)),
    op("addN", [normal(2, 3), normal(2, 3), normal(2, 3)], (tf, ...all) => tf.addN(all)),
  ];
}

function mask(tf: TensorFlow): Tensor {
  return tf.tensor2d([1, 0, 1, 0, 1, 0, 0, 1, 1, 0], [2, 5], "bool");
}

function reductions(): DifferentiableOp[] {
  return [
    ...(["sum", "mean"] as const).flatMap((name) => [
      op(`${name} of everything`, [normal(3, 4, 2)], (tf, x) => tf[name](x)),
      op(`${name} over leading axes`, [normal(3, 4, 2)], (tf, x) => tf[name](x, [0, 1])),
      op(`${name} over the middle, kept`, [normal(3, 4, 2)], (tf, x) => tf[name](x, 1, true)),
      op(`${name} over the last axis`, [normal(3, 4, 2)], (tf, x) => tf[name](x, -1)),
    ]),
    op("max", [apart(4, 7)], (tf, x) => tf.max(x, 1)),
    op("min, kept", [apart(4, 7)], (tf, x) => tf.min(x, 0, true)),
    op("prod", [positive(3, 4)], (tf, x) => tf.prod(x, 1)),
    op("logSumExp", [normal(4, 7)], (tf, x) => tf.logSumExp(x, -1)),
    op("variance of moments", [normal(4, 7)], (tf, x) => tf.moments(x, [1]).variance),
    op("norm", [normal(4, 7)], (tf, x) => tf.norm(x, "euclidean", 1)),
    op("cumsum", [normal(2, 5)], (tf, x) => tf.cumsum(x, 1)),
    op("cumsum, exclusive and reversed", [normal(2, 5)], (tf, x) => tf.cumsum(x, 1, true, true)),
    op("unsortedSegmentSum", [normal(4, 3)], (tf, x) => tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, 1], "int32"), 4)),
  ];
}

function shapes(): DifferentiableOp[] {
  const indices = (tf: TensorFlow): Tensor1D => tf.tensor1d([0, 2, 2, 5], "int32");
  return [
    op("concat", [normal(2, 3), normal(2, 4)], (tf, a, b) => tf.concat([a, b], 1)),
    op("stack", [normal(2, 3), normal(2, 3)], (tf, a, b) => tf.stack([a, b], 1)),
    op("unstack", [normal(2, 3)], (tf, a) => tf.mul(tf.unstack(a, 1)[0], tf.unstack(a, 1)[2])),
    op("split", [normal(4, 9)], (tf, x) => tf.mul(tf.split(x, 3, 1)[0], tf.split(x, 3, 1)[2])),
    op("split into different sizes", [normal(4, 9)], (tf, x) => tf.split(x, [2, 7], 1)[1]),
    op("slice", [normal(4, 5, 3)], (tf, x) => tf.slice(x, [1, 0, 1], [2, 4, 2])),
    op("pad", [normal(2, 3)], (tf, x) =>
      tf.pad(x, [
        [1, 0],
        [0, 2],
      ]),
    ),
    op("mirrorPad, reflect", [normal(4, 5)], (tf, x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [2, 2],
        ],
        "reflect",
      ),
    ),
    op("mirrorPad, symmetric", [normal(4, 5)], (tf, x) =>
      tf.mirrorPad(
        x,
        [
          [2, 1],
          [0, 3],
        ],
        "symmetric",
      ),
    ),
    op("reverse", [normal(4, 5)], (tf, x) => tf.reverse(x, 0)),
    op("transpose", [normal(2, 3, 4)], (tf, x) => tf.transpose(x, [2, 0, 1])),
    op("reshape", [normal(2, 6)], (tf, x) => tf.square(tf.reshape(x, [3, 4]))),
    op("expandDims and squeeze", [normal(2, 6)], (tf, x) => tf.squeeze(tf.expandDims(tf.square(x), 1))),
    op("tile", [normal(2, 3)], (tf, x) => tf.tile(x, [2, 3])),
    op("broadcastTo", [normal(2, 1)], (tf, x) => tf.broadcastTo(x, [4, 2, 3])),
    op("gather rows", [normal(6, 4)], (tf, x) => tf.gather(x, indices(tf))),
    op("gather columns", [normal(3, 6)], (tf, x) => tf.gather(x, indices(tf), 1)),
    op("gather in batches", [normal(2, 5, 3)], (tf, x) =>
      tf.gather(
        x,
        tf.tensor2d(
          [
            [0, 2],
            [4, 4],
          ],
          [2, 2],
          "int32",
        ),
        1,
        1,
      ),
    ),
    op("gatherND of elements", [normal(4, 5)], (tf, x) =>
      tf.gatherND(
        x,
        tf.tensor2d(
          [
            [0, 1],
            [3, 2],
            [0, 1],
          ],
          [3, 2],
          "int32",
        ),
      ),
    ),
    op("gatherND of rows", [normal(4, 5)], (tf, x) => tf.gatherND(x, tf.tensor2d([[1], [3]], [2, 1], "int32"))),
    op("scatterND", [normal(2, 3)], (tf, x) => tf.scatterND(tf.tensor2d([[2], [0]], [2, 1], "int32"), x, [4, 3])),
    op("tensorScatterUpdate", [normal(4, 3), normal(2, 3)], (tf, x, rows) =>
      tf.tensorScatterUpdate(x, tf.tensor2d([[2], [0]], [2, 1], "int32"), rows),
    ),
    op("resizeBilinear", [normal(2, 4, 4, 3)], (tf, x) => tf.image.resizeBilinear(x as Tensor4D, [8, 8])),
    op("resizeBilinear, corners aligned", [normal(2, 4, 4, 3)], (tf, x) => tf.image.resizeBilinear(x as Tensor4D, [7, 9], true)),
    op("resizeNearestNeighbor", [normal(2, 4, 4, 3)], (tf, x) => tf.image.resizeNearestNeighbor(x as Tensor4D, [8, 8])),
  ];
}

function products(): DifferentiableOp[] {
  const flags = [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const;
  return [
    ...flags.map(([ta, tb]) =>
      op(
        `matMul${ta ? ", a transposed" : ""}${tb ? ", b transposed" : ""}`,
        [ta ? normal(3, 5, 4) : normal(3, 4, 5), tb ? normal(3, 6, 5) : normal(3, 5, 6)],
        (tf, a, b) => tf.matMul(a, b, ta, tb),
      ),
    ),
    op("matMul of matrices", [normal(4, 5), normal(5, 6)], (tf, a, b) => tf.matMul(a, b)),
    op("matMul, one matrix for a batch", [normal(3, 4, 5), normal(1, 5, 6)], (tf, a, b) => tf.matMul(a, b)),
    op("dot", [normal(5), normal(5)], (tf, a, b) => tf.dot(a, b)),
    op("fused matMul with bias and sigmoid", [normal(2, 3), positive(3, 4), positive(4)], (tf, a, b, bias) =>
      tf.fused.matMul({ a, b, bias, activation: "sigmoid" }),
    ),
    op("einsum bij,bjk->bik", [normal(2, 3, 4), normal(2, 4, 5)], (tf, a, b) => tf.einsum("bij,bjk->bik", a, b)),
    op("einsum bhid,bhjd->bhij", [normal(2, 2, 3, 4), normal(2, 2, 5, 4)], (tf, a, b) => tf.einsum("bhid,bhjd->bhij", a, b)),
    op("einsum with a summed label", [normal(2, 3, 4), normal(4)], (tf, a, b) => tf.einsum("ijk,k->i", a, b)),
    op("einsum of one operand", [normal(2, 3)], (tf, a) => tf.einsum("ij->ji", a)),
  ];
}

function convolutions(): DifferentiableOp[] {
  const conv = ([1, 2] as const).flatMap((stride) =>
    [1, 3, 4].flatMap((kernel) =>
      (["same", "valid"] as const).map((pad) =>
        op(`conv2d ${kernel}×${kernel}, stride ${stride}, ${pad}`, [normal(2, 9, 8, 3), normal(kernel, kernel, 3, 5)], (tf, x, w) =>
          tf.conv2d(x as Tensor4D, w as Tensor4D, stride, pad),
        ),
      ),
    ),
  );
  const transposed = (
    [
      [2, 2],
      [3, 2],
      [3, 1],
      [4, 2],
    ] as const
  ).map(([kernel, stride]) =>
    op(`conv2dTranspose ${kernel}×${kernel}, stride ${stride}`, [normal(2, 5, 6, 4), normal(kernel, kernel, 3, 4)], (tf, x, w) =>
      tf.conv2dTranspose(x as Tensor4D, w as Tensor4D, [2, 5 * stride, 6 * stride, 3], stride, "same"),
    ),
  );
  return [
    ...conv,
    ...transposed,
    op("conv2d 7×7, stride 2, padded by 3", [normal(1, 16, 16, 3), normal(7, 7, 3, 4)], (tf, x, w) =>
      tf.conv2d(x as Tensor4D, w as Tensor4D, 2, 3),
    ),
    op("conv2d, dilated by 2", [normal(2, 9, 8, 3), normal(3, 3, 3, 5)], (tf, x, w) =>
      tf.conv2d(x as Tensor4D, w as Tensor4D, 1, "same", "NHWC", 2),
    ),
    op("conv2d with 16 channels", [normal(2, 6, 6, 16), normal(3, 3, 16, 16)], (tf, x, w) =>
      tf.conv2d(x as Tensor4D, w as Tensor4D, 1, "same"),
    ),
    op("conv2d 3×3 on a 2×2 map", [normal(3, 2, 2, 4), normal(3, 3, 4, 5)], (tf, x, w) =>
      tf.conv2d(x as Tensor4D, w as Tensor4D, 1, "same"),
    ),
    op("conv2d 3×3, stride 2, on a 4×4 map", [normal(3, 4, 4, 4), normal(3, 3, 4, 5)], (tf, x, w) =>
      tf.conv2d(x as Tensor4D, w as Tensor4D, 2, 1),
    ),
    op("conv2d 3×3 on one pixel", [normal(3, 1, 1, 4), normal(3, 3, 4, 5)], (tf, x, w) => tf.conv2d(x as Tensor4D, w as Tensor4D, 1, 1)),
    op("conv2d 1×1, stride 2, last row unseen", [normal(2, 6, 6, 4), normal(1, 1, 4, 5)], (tf, x, w) =>
      tf.conv2d(x as Tensor4D, w as Tensor4D, 2, "valid"),
    ),
    op("conv1d", [normal(2, 9, 3), normal(3, 3, 4)], (tf, x, w) => tf.conv1d(x as Tensor3D, w as Tensor3D, 1, "same")),
    op("fused conv2d with bias and activation", [normal(1, 5, 5, 2), normal(3, 3, 2, 3), normal(3)], (tf, x, filter, bias) =>
      tf.fused.conv2d({ x: x as Tensor4D, filter: filter as Tensor4D, strides: 1, pad: "same", bias, activation: "sigmoid" }),
    ),
    ...[1, 2].map((stride) =>
      op(`depthwiseConv2d, stride ${stride}`, [normal(2, 8, 8, 6), normal(3, 3, 6, 1)], (tf, x, w) =>
        tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, stride, "same"),
      ),
    ),
    op("depthwiseConv2d, two filters a channel", [normal(2, 5, 5, 3), normal(3, 3, 3, 2)], (tf, x, w) =>
      tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, 1, "valid"),
    ),
    op("depthwiseConv2d, dilated by 2", [normal(2, 8, 8, 3), normal(3, 3, 3, 1)], (tf, x, w) =>
      tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, 1, "same", "NHWC", 2),
    ),
  ];
}

function pooling(): DifferentiableOp[] {
  return [
    op("maxPool 2×2", [apart(2, 8, 8, 3)], (tf, x) => tf.maxPool(x as Tensor4D, 2, 2, "same")),
    op("maxPool 3×3, stride 2, padded by 1", [apart(2, 9, 8, 3)], (tf, x) => tf.maxPool(x as Tensor4D, 3, 2, 1)),
    op("maxPool of negative values", [apart(1, 4, 4, 2)], (tf, x) => tf.maxPool(tf.sub(x, 100) as Tensor4D, 2, 2, "valid")),
    op("avgPool 2×2", [normal(2, 8, 8, 3)], (tf, x) => tf.avgPool(x as Tensor4D, 2, 2, "same")),
    op("avgPool 3×3, stride 2, padded", [normal(2, 9, 8, 3)], (tf, x) => tf.avgPool(x as Tensor4D, 3, 2, "same")),
    op("global average", [normal(2, 4, 4, 3)], (tf, x) => tf.mean(x, [1, 2])),
  ];
}

function normalisation(): DifferentiableOp[] {
  const labels = (tf: TensorFlow): Tensor2D => tf.oneHot(tf.tensor1d([1, 2, 3, 0], "int32"), 7).toFloat() as Tensor2D;
  return [
    op("batchNorm by the batch's own moments", [normal(4, 3, 3, 5), normal(5), normal(5)], (tf, x, scale, offset) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return tf.batchNorm(x, mean as Tensor1D, variance as Tensor1D, offset as Tensor1D, scale as Tensor1D, 1e-3);
    }),
    op("batchNorm by given moments", [normal(4, 3), normal(3), positive(3), normal(3), normal(3)], (tf, x, mean, variance, offset, scale) =>
      tf.batchNorm(x, mean as Tensor1D, variance as Tensor1D, offset as Tensor1D, scale as Tensor1D),
    ),
    op("layer norm", [normal(4, 6, 8)], (tf, x) => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      return tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5)));
    }),
    op("group norm", [normal(2, 3, 3, 6), normal(6), normal(6)], (tf, x, scale, offset) =>
      groupNorm(tf, x, { groups: 3, scale: scale as Tensor1D, offset: offset as Tensor1D }),
    ),
    op("softmax", [normal(4, 7)], (tf, x) => tf.softmax(x)),
    op("logSoftmax", [normal(4, 7)], (tf, x) => tf.logSoftmax(x)),
    op("attention", [normal(2, 4, 6), normal(2, 5, 6), normal(2, 5, 3)], (tf, q, k, v) =>
      tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(6))), v),
    ),
    op("softmax cross-entropy", [normal(4, 7)], (tf, x) => tf.losses.softmaxCrossEntropy(labels(tf), x)),
    op("sigmoid cross-entropy", [normal(4, 9)], (tf, x) => tf.losses.sigmoidCrossEntropy(tf.ones([4, 9]), x)),
    op("mean squared error", [normal(4, 9), normal(4, 9)], (tf, a, b) => tf.losses.meanSquaredError(a, b)),
    op("cosine similarity of a batch with itself", [normal(4, 6)], (tf, x) => {
      const unit = tf.div(x, tf.norm(x, "euclidean", 1, true));
      return tf.logSumExp(tf.div(tf.matMul(unit, unit, false, true), 0.5), 1);
    }),
  ];
}

/** Every operation of methods and layers that trains, with the shapes and options that take different code paths. */
export const differentiableOps: readonly DifferentiableOp[] = [
  ...elementwise(),
  ...binary(),
  ...reductions(),
  ...shapes(),
  ...products(),
  ...convolutions(),
  ...pooling(),
  ...normalisation(),
];
