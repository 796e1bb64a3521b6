import type { TensorFlow } from "../../engine.js";
import { axisOf, range, rule, sameAsFirst, type Rules, type Spec } from "./rule.js";

interface StridedSliceAttrs {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

interface PadAttrs {
  readonly paddings: [number, number][];
  readonly constantValue?: number;
  readonly mode?: "reflect" | "symmetric";
}

/** Further than any axis is long: "to the very beginning" of a backward slice. */
const beforeStart = -(2 ** 40);

/** Moving values about without computing with them. */
export function shapeRules(tf: TensorFlow): Rules {
  const firstAxis = (axis: number | number[], shape: readonly number[]): number => tf.util.parseAxisParam(axis, [...shape])[0];
  const sliceOf = (x: Spec, { begin, size }: { begin: number | number[]; size: number | number[] }): number[][] =>
    tf.slice_util.parseSliceParams({ shape: [...x.shape], rank: x.shape.length } as never, begin, size);
  const stridedOf = (x: Spec, a: StridedSliceAttrs) =>
    tf.slice_util.sliceInfo(
      [...x.shape],
      a.begin,
      a.end,
      a.strides,
      a.beginMask,
      a.endMask,
      a.ellipsisMask,
      a.newAxisMask,
      a.shrinkAxisMask,
    );
  const sizesOf = (x: Spec, attrs: { numOrSizeSplits: number | number[]; axis: number }): number[] =>
    tf.backend_util.prepareSplitSize({ shape: [...x.shape] } as never, attrs.numOrSizeSplits, firstAxis(attrs.axis, x.shape));
  const padded = (x: Spec, { paddings }: PadAttrs): Spec => ({
    dtype: x.dtype,
    shape: x.shape.map((size, axis) => size + paddings[axis][0] + paddings[axis][1]),
  });

  return {
    Transpose: rule<{ perm: number[] }>({
      operands: ["x"],
      outputs: ([x], { perm }) => [{ shape: perm.map((axis) => x.shape[axis]), dtype: x.dtype }],
      emit: ({ graph, attrs }, [x]) => [graph.transpose(x, attrs.perm)],
    }),
    Slice: rule<{ begin: number[]; size: number[] }>({
      operands: ["x"],
      outputs: ([x], attrs) => [{ shape: sliceOf(x, attrs)[1], dtype: x.dtype }],
      emit: ({ graph, attrs, inputs: [x] }, [name]) => {
        const [begin, size] = sliceOf(x!, attrs);
        const axes = range(begin.length).filter((axis) => size[axis] !== x!.shape[axis]);
        if (axes.length === 0) return [graph.op("Identity", [name])];
        return [
          graph.slice(
            name,
            axes,
            axes.map((axis) => begin[axis]),
            axes.map((axis) => begin[axis] + size[axis]),
          ),
        ];
      },
    }),
    StridedSlice: rule<StridedSliceAttrs>({
      operands: ["x"],
      outputs: ([x], attrs) => [{ shape: stridedOf(x, attrs).finalShape, dtype: x.dtype }],
      emit: ({ graph, attrs, inputs: [x] }, [name]) => {
        const { begin, end, strides, finalShape } = stridedOf(x!, attrs);
        const to = end.map((stop, axis) => (strides[axis] < 0 && stop < 0 ? beforeStart : stop));
        return [graph.reshape(graph.slice(name, range(begin.length), begin, to, strides), finalShape)];
      },
    }),
    Concat: rule<{ axis: number }>({
      operands: "all",
      outputs: (inputs, { axis }) => {
        const shapes = inputs.map((input) => [...input.shape]);
        const along = firstAxis(axis, shapes[0]);
        tf.backend_util.assertParamsConsistent(shapes, along);
        return [{ shape: tf.backend_util.computeOutShape(shapes, along), dtype: inputs[0].dtype }];
      },
      emit: ({ graph, attrs, inputs: [first] }, names) => [graph.op("Concat", names, { axis: firstAxis(attrs.axis, first!.shape) })],
    }),
    Pack: rule<{ axis: number }>({
      operands: "all",
      outputs: (inputs, { axis }) => [
        { shape: inputs[0].shape.toSpliced(axisOf(axis, inputs[0].shape.length + 1), 0, inputs.length), dtype: inputs[0].dtype },
      ],
      emit: ({ graph, attrs, inputs: [first] }, names) => {
        const axis = axisOf(attrs.axis, first!.shape.length + 1);
        return [
          graph.op(
            "Concat",
            names.map((name) => graph.reshape(name, first!.shape.toSpliced(axis, 0, 1))),
            { axis },
          ),
        ];
      },
    }),
    SplitV: rule<{ numOrSizeSplits: number | number[]; axis: number }>({
      operands: ["x"],
      outputs: ([x], attrs) =>
        sizesOf(x, attrs).map((size) => ({ shape: x.shape.with(firstAxis(attrs.axis, x.shape), size), dtype: x.dtype })),
      emit: ({ graph, attrs, inputs: [x] }, [name]) => {
        const sizes = sizesOf(x!, attrs);
        if (sizes.length === 1) return [graph.op("Identity", [name])];
        return graph.split(name, sizes, firstAxis(attrs.axis, x!.shape));
      },
    }),
    Unpack: rule<{ axis: number }>({
      operands: ["value"],
      outputs: ([x], { axis }) => {
        const at = axisOf(axis, x.shape.length);
        return range(x.shape[at]).map(() => ({ shape: x.shape.toSpliced(at, 1), dtype: x.dtype }));
      },
      emit: ({ graph, attrs, inputs: [x], outputs }, [name]) => {
        const axis = axisOf(attrs.axis, x!.shape.length);
        const slices =
          outputs.length === 1
            ? [name]
            : graph.split(
                name,
                outputs.map(() => 1),
                axis,
              );
        return slices.map((slice) => graph.reshape(slice, outputs[0].shape));
      },
    }),
    Tile: rule<{ reps: number[] }>({
      operands: ["x"],
      outputs: ([x], { reps }) => [{ shape: x.shape.map((size, axis) => size * reps[axis]), dtype: x.dtype }],
      emit: ({ graph, attrs, inputs: [x], outputs: [{ shape }] }, [name]) => {
        const stretches = x!.shape.every((size, axis) => size === 1 || attrs.reps[axis] === 1);
        return [stretches ? graph.expand(name, shape) : graph.op("Tile", [name, graph.ints(attrs.reps)])];
      },
    }),
    PadV2: rule<PadAttrs>({
      operands: ["x"],
      outputs: ([x], attrs) => [padded(x, attrs)],
      emit: ({ graph, attrs, outputs: [{ dtype }] }, [x]) => [
        graph.pad(
          x,
          attrs.paddings.map(([before]) => before),
          attrs.paddings.map(([, after]) => after),
          graph.scalar(attrs.constantValue ?? 0, dtype),
        ),
      ],
    }),
    // ONNX knows "reflect" only; "symmetric" repeats the edge. Picking rows by a list of indices serves both.
    MirrorPad: rule<PadAttrs>({
      operands: ["x"],
      outputs: ([x], attrs) => [padded(x, attrs)],
      emit: ({ graph, attrs, inputs: [x] }, [name]) => [
        attrs.paddings.reduce((inner, [before, after], axis) => {
          const size = x!.shape[axis];
          const skipped = attrs.mode === "reflect" ? 1 : 0;
          if (before + after === 0) return inner;
          const mirrored = (at: number): number => (at < 0 ? skipped - 1 - at : at >= size ? 2 * size - 1 - skipped - at : at);
          return graph.op("Gather", [inner, graph.ints(range(before + size + after).map((at) => mirrored(at - before)))], { axis });
        }, name),
      ],
    }),
    Reverse: rule<{ dims: number | number[] }>({
      operands: ["x"],
      outputs: sameAsFirst,
      emit: ({ graph, attrs, inputs: [x] }, [name]) => {
        const axes = tf.util.parseAxisParam(attrs.dims, [...x!.shape]);
        if (axes.length === 0) return [graph.op("Identity", [name])];
        return [
          graph.slice(
            name,
            axes,
            axes.map(() => -1),
            axes.map(() => beforeStart),
            axes.map(() => -1),
          ),
        ];
      },
    }),
  };
}
