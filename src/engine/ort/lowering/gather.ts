import type { TensorFlow } from "../../engine.js";
import { noBool, range, rule, sizeOf, type Dtype, type Rules, type Spec } from "./rule.js";

/** Reading and adding by index. Indices outside a tensor are an error in ONNX Runtime where TensorFlow.js gives zeros. */
export function gatherRules(tf: TensorFlow): Rules {
  const axisIn = (axis: number, x: Spec): number => tf.util.parseAxisParam(axis, [...x.shape])[0];
  return {
    GatherV2: rule<{ axis: number; batchDims: number }>({
      operands: ["x", "indices"],
      accepts: ([, indices]) => indices?.dtype === "int32",
      outputs: ([x, indices], attrs) => {
        const axis = axisIn(attrs.axis, x);
        return [
          { shape: [...x.shape.slice(0, axis), ...indices.shape.slice(attrs.batchDims ?? 0), ...x.shape.slice(axis + 1)], dtype: x.dtype },
        ];
      },
      // With batch dimensions: rows of all batches in one list, indices shifted to their batch's rows.
      emit: ({ graph, attrs, inputs, outputs: [{ shape }] }, [name, at]) => {
        const [x, indices] = inputs as Spec[];
        const axis = axisIn(attrs.axis, x);
        if (!attrs.batchDims) return [graph.op("Gather", [name, at], { axis })];
        const batches = sizeOf(x.shape.slice(0, attrs.batchDims));
        const between = range(x.shape.length).slice(attrs.batchDims, axis);
        const order = [...range(attrs.batchDims), axis, ...between, ...range(x.shape.length).slice(axis + 1)];
        const rows = graph.reshape(graph.transpose(name, order), [batches * x.shape[axis], -1]);
        const perBatch = sizeOf(indices.shape) / batches;
        const shift = graph.constant(
          "int32",
          range(batches).map((batch) => batch * x.shape[axis]),
          [batches, 1],
        );
        const picked = graph.op("Gather", [rows, graph.add(graph.reshape(at, [batches, perBatch]), shift)], { axis: 0 });
        const own = indices.shape.slice(attrs.batchDims);
        const batchShape = x.shape.slice(0, attrs.batchDims);
        const wide = graph.reshape(picked, [...batchShape, ...own, ...between.map((i) => x.shape[i]), ...x.shape.slice(axis + 1)]);
        const [b, o, m] = [batchShape.length, own.length, between.length];
        const back = [
          ...range(b),
          ...range(m).map((i) => b + o + i),
          ...range(o).map((i) => b + i),
          ...range(shape.length).slice(b + o + m),
        ];
        return [graph.transpose(wide, back)];
      },
    }),
    GatherNd: rule({
      operands: ["params", "indices"],
      accepts: ([, indices]) => indices?.dtype === "int32",
      outputs: ([params, indices]) => [
        { shape: [...indices.shape.slice(0, -1), ...params.shape.slice(indices.shape.at(-1))], dtype: params.dtype },
      ],
      emit: ({ graph }, [params, indices]) => [graph.op("GatherND", [params, graph.cast(indices, "int64")])],
    }),
    ScatterNd: rule<{ shape: number[] }>({
      operands: ["indices", "updates"],
      accepts: ([indices, updates]) => indices?.dtype === "int32" && updates?.dtype === "float32",
      outputs: ([, updates], { shape }) => [{ shape, dtype: updates.dtype }],
      emit: ({ graph, attrs }, [indices, updates]) => [
        graph.op("ScatterND", [graph.fill(0, attrs.shape, "float32"), graph.cast(indices, "int64"), updates], { reduction: "add" }),
      ],
    }),
    UnsortedSegmentSum: rule<{ numSegments: number }>({
      operands: ["x", "segmentIds"],
      accepts: ([x, ids]) => x?.dtype === "float32" && ids?.dtype === "int32",
      outputs: ([x, ids], { numSegments }) => [{ shape: [numSegments, ...x.shape.slice(ids.shape.length)], dtype: x.dtype }],
      // A negative or too large id drops its row: such rows go to an extra segment that is cut off.
      emit: ({ graph, attrs: { numSegments }, inputs, outputs: [output] }, [x, ids]) => {
        const rows = sizeOf(inputs[1]!.shape);
        const width = sizeOf(inputs[0]!.shape) / rows;
        const limit = graph.constant("int32", [numSegments], []);
        const inside = graph.op("And", [graph.op("GreaterOrEqual", [ids, graph.scalar(0, "int32")]), graph.op("Less", [ids, limit])]);
        const safe = graph.reshape(graph.cast(graph.op("Where", [inside, ids, limit]), "int64"), [rows, 1]);
        const sums = graph.op("ScatterND", [graph.fill(0, [numSegments + 1, width], "float32"), safe, graph.reshape(x, [rows, width])], {
          reduction: "add",
        });
        return [graph.reshape(graph.slice(sums, [0], [0], [numSegments]), output.shape)];
      },
    }),
    OneHot: rule<{ depth: number; onValue: number; offValue: number; dtype?: Dtype }>({
      operands: ["indices"],
      accepts: ([indices]) => noBool([indices]),
      outputs: ([indices], { depth, dtype }) => [{ shape: [...indices.shape, depth], dtype: dtype ?? "float32" }],
      emit: ({ graph, attrs, inputs: [indices], outputs: [{ dtype }] }, [name]) => {
        const wanted = graph.reshape(graph.cast(name, "int32"), [...indices!.shape, 1]);
        const equal = graph.op("Equal", [wanted, graph.constant("int32", range(attrs.depth), [attrs.depth])]);
        if (attrs.onValue === 1 && attrs.offValue === 0) return [graph.cast(equal, dtype)];
        return [graph.cast(graph.op("Where", [equal, graph.scalar(attrs.onValue), graph.scalar(attrs.offValue)]), dtype)];
      },
    }),
  };
}
