/**
 * ONNX's file format: the part of its messages that a graph of float32 numbers needs.
 *
 * Source: onnx/onnx.proto of ONNX 1.13 (IR version 8, the first with opset 18); numbers of fields
 * are the format.
 *
 * @module
 */
import protobuf from "protobufjs/light.js";
import type { Graph, Initializer, Node, Port } from "./graph.ts";

const field = (type: string, id: number, rule?: "repeated") => ({ type, id, ...rule && { rule } });

const { Model } = messages({
  Model: {
    irVersion: field("int64", 1),
    producerName: field("string", 2),
    graph: field("Graph", 7),
    opsetImport: field("OperatorSet", 8, "repeated"),
    metadataProps: field("Entry", 14, "repeated"),
  },
  OperatorSet: { domain: field("string", 1), version: field("int64", 2) },
  Entry: { key: field("string", 1), value: field("string", 2) },
  Graph: {
    node: field("Node", 1, "repeated"),
    name: field("string", 2),
    initializer: field("Tensor", 5, "repeated"),
    input: field("ValueInfo", 11, "repeated"),
    output: field("ValueInfo", 12, "repeated"),
  },
  Node: {
    input: field("string", 1, "repeated"),
    output: field("string", 2, "repeated"),
    name: field("string", 3),
    opType: field("string", 4),
    attribute: field("Attribute", 5, "repeated"),
  },
  Attribute: {
    name: field("string", 1),
    f: field("float", 2),
    i: field("int64", 3),
    s: field("bytes", 4),
    ints: field("int64", 8, "repeated"),
    type: field("int32", 20),
  },
  Tensor: {
    dims: field("int64", 1, "repeated"),
    dataType: field("int32", 2),
    name: field("string", 8),
    rawData: field("bytes", 9),
  },
  ValueInfo: { name: field("string", 1), type: field("Type", 2) },
  Type: { tensorType: field("TensorType", 1) },
  TensorType: { elemType: field("int32", 1), shape: field("Shape", 2) },
  Shape: { dim: field("Dimension", 1, "repeated") },
  Dimension: { dimValue: field("int64", 1), dimParam: field("string", 2) },
});

/** Numbers of types in the format. */
const ELEMENT = { float: 1, int64: 7 };
const ATTRIBUTE = { float: 1, int: 2, text: 3, ints: 7 };

/** What protocol buffers can hold, bytes. */
const LIMIT = 2 ** 31 - 1;

/** Attributes that are floats even where their number is whole. */
const FLOATS = new Set(["alpha"]);

/**
 * The bytes of a model in opset 18.
 *
 * @param metadata what programs may read of it
 * @throws {RangeError} if it would have 2 GiB or more
 */
export function encodeModel(
  { nodes, initializers, input, outputs }: Graph,
  metadata: Record<string, string>,
): Uint8Array {
  const shapes = nodes.flatMap(({ output, shape }) =>
    shape === undefined ? [] : [[`${output}.shape`, wholeNumbers(shape)] as const]
  );
  const all = [...initializers, ...shapes];
  const size = all.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
  if (size > LIMIT) {
    throw new RangeError(`Cannot write ${size} bytes of numbers as ONNX: expected under 2 GiB`);
  }
  return Model.encode({
    irVersion: 8,
    producerName: "sr4ir",
    opsetImport: [{ domain: "", version: 18 }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: "network",
      node: nodes.map(asMessage),
      initializer: all.map(([name, { dims, data }]: readonly [string, Initializer]) => ({
        dims,
        dataType: data instanceof BigInt64Array ? ELEMENT.int64 : ELEMENT.float,
        name,
        rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      })),
      input: [valueInfo(input, ["batch", "channels", "height", "width"])],
      output: outputs.map((port) =>
        valueInfo(port, port.dims.map((_, axis) => axis === 0 ? "batch" : `${port.name}_${axis}`))
      ),
    },
  }).finish();
}

function asMessage({ op, inputs, output, attributes, shape }: Node): object {
  return {
    input: shape === undefined ? inputs : [...inputs, `${output}.shape`],
    output: [output],
    name: output,
    opType: op,
    attribute: Object.entries(attributes).map(([name, value]) => ({ name, ...typed(name, value) })),
  };
}

function typed(name: string, value: Node["attributes"][string]): object {
  if (Array.isArray(value)) return { ints: value, type: ATTRIBUTE.ints };
  if (typeof value === "string") {
    return { s: new TextEncoder().encode(value), type: ATTRIBUTE.text };
  }
  if (FLOATS.has(name)) return { f: value, type: ATTRIBUTE.float };
  return { i: value, type: ATTRIBUTE.int };
}

function valueInfo({ name, dims }: Port, open: string[]): object {
  const dim = dims.map((size, axis) =>
    size === undefined ? { dimParam: open[axis] } : { dimValue: size }
  );
  return { name, type: { tensorType: { elemType: ELEMENT.float, shape: { dim } } } };
}

function wholeNumbers(values: readonly number[]): Initializer {
  return { dims: [values.length], data: BigInt64Array.from(values, BigInt) };
}

/** Message types by name. */
function messages(
  nested: Record<string, Record<string, ReturnType<typeof field>>>,
): Record<string, protobuf.Type> {
  const root = protobuf.Root.fromJSON({
    nested: Object.fromEntries(
      Object.entries(nested).map(([name, fields]) => [name, { fields }]),
    ),
  });
  return Object.fromEntries(Object.keys(nested).map((name) => [name, root.lookupType(name)]));
}
