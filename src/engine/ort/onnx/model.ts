import { ProtobufWriter } from "./protobuf.js";

/** The element types that pass through our graphs. */
export type OnnxType = "float32" | "int32" | "int64" | "bool";

/** An attribute of a node: a whole number, a float marked as one, text, or whole numbers. */
export type OnnxAttribute = number | { readonly float: number } | string | readonly number[];

export interface OnnxNode {
  readonly type: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  /** An empty name is an optional input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
}

/** An input or output of a graph; without a shape it takes any. */
export interface OnnxPort extends Omit<OnnxValue, "shape"> {
  readonly shape?: readonly number[];
}

export interface OnnxConstant extends OnnxValue {
  /** Little-endian, row-major. */
  readonly bytes: Uint8Array;
  /** Whether the bytes are handed over beside the model, under the constant's name. */
  readonly beside?: boolean;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

const elementTypes: Record<OnnxType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };
export const elementType = (type: OnnxType): number => elementTypes[type];

/** Domains and the operator-set versions our lowering rules are written for. */
const operatorSets = { "": 17, "com.microsoft": 1, "com.microsoft.nchwc": 1 };

/** Serialises a graph as an ONNX model (onnx.proto, IR version 8). */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const model = new ProtobufWriter().varint(1, 8);
  model.message(7, (proto) => {
    for (const node of graph.nodes) proto.message(1, (message) => writeNode(message, node));
    proto.text(2, "step");
    for (const constant of graph.constants) proto.message(5, (message) => writeConstant(message, constant));
    for (const input of graph.inputs) proto.message(11, (message) => writeValue(message, input));
    for (const output of graph.outputs) proto.message(12, (message) => writeValue(message, output));
  });
  const domains = new Set(["", ...graph.nodes.map(({ domain }) => domain)]);
  for (const [domain, version] of Object.entries(operatorSets)) {
    if (!domains.has(domain)) continue;
    model.message(8, (set) => set.text(1, domain).varint(2, version));
  }
  return model.finish();
}

function writeNode(message: ProtobufWriter, node: OnnxNode): void {
  for (const input of node.inputs) message.text(1, input);
  for (const output of node.outputs) message.text(2, output);
  message.text(4, node.type);
  for (const [name, value] of Object.entries(node.attributes)) message.message(5, (attribute) => writeAttribute(attribute, name, value));
  if (node.domain !== "") message.text(7, node.domain);
}

function writeAttribute(message: ProtobufWriter, name: string, value: OnnxAttribute): void {
  message.text(1, name);
  if (typeof value === "number") message.varint(3, value).varint(20, 2);
  else if (typeof value === "string") message.text(4, value).varint(20, 3);
  else if ("float" in value) message.float(2, value.float).varint(20, 1);
  else {
    for (const each of value) message.varint(8, each);
    message.varint(20, 7);
  }
}

function writeConstant(message: ProtobufWriter, { name, type, shape, bytes, beside }: OnnxConstant): void {
  for (const size of shape) message.varint(1, size);
  message.varint(2, elementTypes[type]).text(8, name);
  if (!beside) return void message.bytes(9, bytes);
  const entry = (key: string, value: string): unknown => message.message(13, (pair) => pair.text(1, key).text(2, value));
  entry("location", name);
  entry("offset", "0");
  entry("length", String(bytes.length));
  message.varint(14, 1);
}

function writeValue(message: ProtobufWriter, { name, type, shape }: OnnxPort): void {
  message.text(1, name);
  message.message(2, (typeProto) =>
    typeProto.message(1, (tensor) => {
      tensor.varint(1, elementTypes[type]);
      if (shape === undefined) return;
      tensor.message(2, (dims) => {
        for (const size of shape) dims.message(1, (dim) => dim.varint(1, size));
      });
    }),
  );
}
