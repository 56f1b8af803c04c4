/**
 * A graph of ONNX's operators, before it is written.
 *
 * @module
 */

/** One operator. */
export interface Node {
  op: string;
  /** Names of values; empty for an optional one that is left out. */
  inputs: string[];
  output: string;
  attributes: Record<string, number | number[] | string>;
  /** Of a Reshape: its second input, written as numbers; -1 is what the others leave. */
  shape?: number[];
}

/** Numbers that a file holds. */
export interface Initializer {
  dims: number[];
  data: Float32Array | BigInt64Array;
}

/** A value that goes in or comes out; an axis of undefined size is open. */
export interface Port {
  name: string;
  dims: (number | undefined)[];
}

/** A whole network. */
export interface Graph {
  input: Port;
  outputs: Port[];
  nodes: Node[];
  initializers: Map<string, Initializer>;
}

/**
 * One graph for samples of two sizes, the axes in which they differ left open; undefined if the
 * network computes something else for the other size.
 */
export function merge(a: Graph, b: Graph): Graph | undefined {
  if (a.nodes.length !== b.nodes.length || a.initializers.size !== b.initializers.size) {
    return undefined;
  }
  for (const [name, one] of a.initializers) {
    const other = b.initializers.get(name);
    if (other === undefined || !sameNumbers(one, other)) return undefined;
  }
  const nodes: Node[] = [];
  for (const [i, node] of a.nodes.entries()) {
    const merged = mergeNodes(node, b.nodes[i]);
    if (merged === undefined) return undefined;
    nodes.push(merged);
  }
  const port = (one: Port, other: Port): Port => ({
    name: one.name,
    dims: one.dims.map((size, axis) => size === other.dims[axis] ? size : undefined),
  });
  return {
    input: port(a.input, b.input),
    outputs: a.outputs.map((output, i) => port(output, b.outputs[i])),
    nodes,
    initializers: a.initializers,
  };
}

/**
 * The same graph without what it would compute or hold twice: a network's features are on the way to
 * its logits, and both have been recorded from the beginning.
 */
export function withoutRepetition({ input, outputs, nodes, initializers }: Graph): Graph {
  const renamed = new Map<string, string>();
  const kept = new Map<string, Initializer>();
  const similar = new Map<string, string[]>();
  for (const [name, one] of initializers) {
    const key = `${one.dims}:${one.data.subarray(0, 8)}`;
    const names = similar.get(key) ?? [];
    const equal = names.find((other) => sameNumbers(one, kept.get(other)!));
    if (equal === undefined) {
      kept.set(name, one);
      similar.set(key, [...names, name]);
    } else renamed.set(name, equal);
  }
  const known = new Map<string, string>();
  const different: Node[] = [];
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => renamed.get(name) ?? name);
    const key = JSON.stringify([node.op, inputs, node.attributes, node.shape]);
    const equal = known.get(key);
    // An Identity is there for the name that it gives.
    if (equal === undefined || node.op === "Identity") {
      known.set(key, node.output);
      different.push({ ...node, inputs });
    } else renamed.set(node.output, equal);
  }
  return { input, outputs, nodes: different, initializers: kept };
}

function mergeNodes(a: Node, b: Node): Node | undefined {
  const { shape, ...rest } = a;
  const { shape: other, ...otherRest } = b;
  if (JSON.stringify(rest) !== JSON.stringify(otherRest)) return undefined;
  if (shape === undefined || other === undefined) return a;
  if (shape.length !== other.length) return undefined;
  const open = shape.flatMap((size, axis) => size === other[axis] && size !== -1 ? [] : [axis]);
  if (open.length > 1) return undefined;
  return { ...a, shape: shape.map((size, axis) => axis === open[0] ? -1 : size) };
}

function sameNumbers(a: Initializer, b: Initializer): boolean {
  return a.dims.join() === b.dims.join() && a.data.length === b.data.length &&
    (a.data as Float32Array).every((value, i) => Object.is(value, (b.data as Float32Array)[i]));
}
