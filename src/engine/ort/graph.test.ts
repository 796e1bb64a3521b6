import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Graph } from "./graph.js";
import { encodeModel } from "./onnx/model.js";
import { ProtobufWriter } from "./onnx/protobuf.js";

describe("Graph", () => {
  const output = (source: string) => ({ name: "y", type: "float32" as const, shape: [2], source });
  const types = (graph: Graph, source: string): string[] => graph.finish([], [output(source)]).nodes.map((node) => node.type);

  it("makes equal nodes and equal constants once", () => {
    const graph = new Graph();
    assert.equal(graph.add("a", graph.scalar(1)), graph.add("a", graph.scalar(1)));
    assert.notEqual(graph.scalar(0), graph.scalar(-0));
    assert.notEqual(graph.op("MaxPool", ["a"]), graph.ops("MaxPool", ["a"], {}, 2)[0]);
  });

  it("drops what no output needs", () => {
    const graph = new Graph();
    graph.op("Exp", ["a"]);
    assert.deepEqual(types(graph, graph.op("Neg", ["a"])), ["Neg"]);
  });

  it("cancels transpositions that undo each other and joins those that do not", () => {
    const graph = new Graph();
    const turned = graph.transpose("a", [0, 3, 1, 2]);
    assert.equal(graph.transpose(turned, [0, 2, 3, 1]), "a");
    assert.deepEqual(types(graph, graph.transpose(turned, [1, 0, 2, 3])), ["Transpose"]);
    assert.equal(graph.transpose("a", [0, 1]), "a");
  });

  it("names the producer of an output directly, and copies where two outputs are the same or one is an input", () => {
    const graph = new Graph();
    const y = graph.op("Neg", ["a"]);
    const finished = graph.finish([], [output(y), { ...output(y), name: "z" }, { ...output("a"), name: "same" }]);
    assert.deepEqual(
      finished.nodes.map((node) => [node.type, node.inputs[0], node.outputs[0]]),
      [
        ["Neg", "a", "y"],
        ["Identity", "y", "z"],
        ["Identity", "a", "same"],
      ],
    );
  });
});

describe("ProtobufWriter", () => {
  it("writes the examples of the encoding guide, and negative numbers in ten bytes", () => {
    assert.deepEqual([...new ProtobufWriter().varint(1, 150).finish()], [0x08, 0x96, 0x01]);
    assert.deepEqual([...new ProtobufWriter().text(2, "testing").finish()], [0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
    assert.deepEqual([...new ProtobufWriter().message(3, (inner) => inner.varint(1, 150)).finish()], [0x1a, 3, 0x08, 0x96, 0x01]);
    assert.deepEqual([...new ProtobufWriter().varint(1, -1).finish()], [0x08, ...Array.from({ length: 9 }, () => 0xff), 1]);
    assert.deepEqual([...new ProtobufWriter().varint(1, 2 ** 40).finish()], [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]);
    assert.deepEqual([...new ProtobufWriter().float(2, 1).finish()], [0x15, 0, 0, 0x80, 0x3f]);
  });

  it("grows with what is written", () => {
    const bytes = new Uint8Array(5000).fill(7);
    assert.equal(new ProtobufWriter().bytes(1, bytes).finish().length, 5003);
    assert.ok(encodeModel({ nodes: [], constants: [], inputs: [], outputs: [] }).length > 10);
  });
});
