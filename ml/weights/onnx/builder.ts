/**
 * Builds a graph in ONNX's order of axes out of values in TensorFlow's.
 *
 * A map exists channels last (`plain`), channels first (`nchw`), or both; whoever needs the other one
 * asks for it, and only then a Transpose is written. Networks that are convolutions all the way so
 * become graphs without a single one.
 *
 * @module
 */
import { fromTorch } from "../../nn/layout.ts";
import type { NamedTensor } from "../../nn/params.ts";
import { type Graph, type Initializer, type Node, withoutRepetition } from "./graph.ts";
import type { Ref } from "./record.ts";

/** A value of the graph under its names. */
export interface Value {
  /** As TensorFlow has it, channels last. */
  shape: number[];
  /** Its name in this order of axes. */
  plain?: string;
  /** The name of a map [B, H, W, C] as [B, C, H, W]. */
  nchw?: string;
  /** A map that this is another shape of; it has no name of its own yet. */
  view?: Value;
  /** A map with a border that has not been written yet: most operators take it as an attribute. */
  border?: { of: Value; pads: Border; fill: number };
  /** Channels stand in PyTorch's order in front of a pixel shuffle by this factor. */
  shuffled?: number;
  /** Whether at most one other call reads it. */
  sole?: boolean;
}

/** Cells at the top, left, bottom and right. */
export type Border = [number, number, number, number];

/** Something that does not depend on the sample. */
export type Fixed = Extract<Ref, { kind: "parameter" | "constant" }>;

const TO_NCHW = [0, 3, 1, 2];
const TO_PLAIN = [0, 2, 3, 1];

/** A graph that grows. */
export class Builder {
  readonly nodes: Node[] = [];
  readonly initializers: Map<string, Initializer> = new Map();
  private readonly maps: { name: string; height: number; width: number }[] = [];
  private readonly weights: Map<string, NamedTensor>;
  private readonly identities = new Map<object, number>();
  /** Names of initializers by what they are. */
  private readonly keys = new Map<string, string>();
  private made = 0;

  /** @param weights all parameters, as files hold them */
  constructor(weights: readonly NamedTensor[]) {
    this.weights = new Map(weights.map((tensor) => [tensor.name, tensor]));
  }

  /** Writes an operator. @returns the name of its result */
  node(
    op: string,
    inputs: string[],
    attributes: Node["attributes"] = {},
    shape?: number[],
  ): string {
    const output = `${op}_${this.made++}`;
    this.nodes.push({ op, inputs, output, attributes, ...shape === undefined ? {} : { shape } });
    return output;
  }

  /** A map channels first. @param shape channels last */
  map(name: string, shape: number[], more: Partial<Value> = {}): Value {
    this.maps.push({ name, height: shape[1], width: shape[2] });
    return { shape, nchw: name, ...more };
  }

  /** The name of a value channels last. */
  plain(value: Value): string {
    if (value.plain !== undefined) return value.plain;
    if (value.view !== undefined) {
      value.plain = this.node("Reshape", [this.plain(value.view)], {}, value.shape);
    } else value.plain = this.node("Transpose", [this.nchw(value)], { perm: TO_PLAIN });
    return value.plain;
  }

  /** The name of a map channels first. */
  nchw(value: Value): string {
    if (value.shuffled !== undefined) {
      throw new TypeError("Cannot export: only a pixel shuffle may follow a convolution for one");
    }
    if (value.border !== undefined && value.nchw === undefined) {
      const { of, pads: [top, left, bottom, right], fill } = value.border;
      const pads = this.ints([0, 0, top, left, 0, 0, bottom, right]);
      value.nchw = this.node("Pad", [this.nchw(of), pads, this.floats([fill], [])]);
    }
    value.nchw ??= this.node("Transpose", [this.plain(value)], { perm: TO_NCHW });
    return value.nchw;
  }

  /** The same numbers in another shape; nothing is written before somebody needs it. */
  reshape(value: Value, shape: number[], sole: boolean): Value {
    const map = value.view ?? value;
    if (same(map.shape, shape)) return { ...map, sole: sole && value.sole === true };
    if (map.shape.length === 4) return { shape, view: map, sole: sole && value.sole === true };
    return { shape, plain: this.node("Reshape", [this.plain(value)], {}, shape), sole };
  }

  /** A name for [h, w], taken from a map of this size if there is one, so that it may vary. */
  sizeOf([height, width]: readonly [number, number]): string {
    const fits = this.maps.filter((map) => map.height === height && map.width === width);
    const map = fits[0]?.name === INPUT ? fits[0] : fits.at(-1);
    if (map === undefined) return this.ints([height, width]);
    return this.node("Shape", [map.name], { start: 2, end: 4 });
  }

  /** Whole numbers as an input. */
  ints(values: readonly number[], dims: number[] = [values.length]): string {
    return this.named("ints", `${dims.length}:${values}`, {
      dims,
      data: BigInt64Array.from(values, BigInt),
    });
  }

  /** Numbers as an input. */
  floats(values: readonly number[], dims: number[]): string {
    return this.named("constant", `${dims.length}:${values}`, {
      dims,
      data: Float32Array.from(values),
    });
  }

  /** A parameter as PyTorch has it, under its name. @param dims its shape, perhaps with ones more */
  weight({ parameter: { name, shape } }: Fixed & { kind: "parameter" }, dims = shape): string {
    return this.named(name, `${dims}`, { dims, data: this.weights.get(name)!.data });
  }

  /** What does not depend on the sample, as it lies in memory, or with its axes in another order. */
  fixed(ref: Fixed, dims: number[] = ref.shape, perm?: number[]): string {
    if (ref.kind === "parameter" && ref.parameter.layout === "same" && perm === undefined) {
      return this.weight(ref, dims);
    }
    const values = Float32Array.from(this.numbers(ref));
    const data = perm === undefined ? values : transposed(values, ref.shape, perm);
    return this.named(nameOf(ref), `${this.identity(ref)}:${perm ?? ""}[${dims}]`, { dims, data });
  }

  /** Its numbers in memory order. */
  numbers(ref: Fixed): ArrayLike<number> {
    if (ref.kind === "constant") return ref.constant.data;
    const { name, shape, layout } = ref.parameter;
    return fromTorch(this.weights.get(name)!.data, shape, layout);
  }

  /** The whole graph. */
  graph(input: Value, outputs: Record<string, Value>): Graph {
    const ports = Object.entries(outputs).map(([name, value]) => {
      const isMap = value.shape.length === 4;
      const from = isMap ? this.nchw(value) : this.plain(value);
      this.nodes.push({ op: "Identity", inputs: [from], output: name, attributes: {} });
      return { name, dims: channelsFirst(value.shape) };
    });
    return withoutRepetition({
      input: { name: INPUT, dims: channelsFirst(input.shape) },
      outputs: ports,
      nodes: this.nodes,
      initializers: this.initializers,
    });
  }

  /** @param name as long as nothing else is called so @param key tells it from what is */
  private named(name: string, key: string, initializer: Initializer): string {
    const known = this.keys.get(`${name} ${key}`);
    if (known !== undefined) return known;
    let free = name;
    for (let i = 1; this.initializers.has(free); i++) free = `${name}_${i}`;
    this.initializers.set(free, initializer);
    this.keys.set(`${name} ${key}`, free);
    return free;
  }

  /** Tells constants apart. */
  private identity(ref: Fixed): number {
    const thing = ref.kind === "parameter" ? ref.parameter : ref.constant;
    const known = this.identities.get(thing) ?? this.identities.size;
    this.identities.set(thing, known);
    return known;
  }
}

/** A constant is called by the parameters that it comes from: `layer1.0.bn1.folded`. */
function nameOf(ref: Fixed): string {
  if (ref.kind === "parameter") return ref.parameter.name;
  const { from } = ref.constant;
  return from.length === 0 ? "constant" : `${commonPrefix(from)}folded`;
}

/** Name of the sample. */
export const INPUT = "input";

/** [B, H, W, C] → [B, C, H, W]; other shapes stay. */
function channelsFirst(shape: number[]): number[] {
  return shape.length === 4 ? TO_NCHW.map((axis) => shape[axis]) : shape;
}

/** Whether two shapes are equal. */
export function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The levels that all names share, with the dot: `layer1.0.bn1.`. */
function commonPrefix(names: readonly string[]): string {
  const [first, ...rest] = names.map((name) => name.split(".").slice(0, -1));
  const shared = first.findIndex((level, i) => rest.some((other) => other[i] !== level));
  return (shared < 0 ? first : first.slice(0, shared)).map((level) => `${level}.`).join("");
}

/** Numbers with their axes in another order. */
export function transposed(
  values: Float32Array,
  shape: readonly number[],
  perm: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const result = new Float32Array(values.length);
  const [sizes, steps] = [perm.map((axis) => shape[axis]), perm.map((axis) => strides[axis])];
  const place = new Array<number>(sizes.length).fill(0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++place[axis] < sizes[axis]) break;
      from -= steps[axis] * sizes[axis];
      place[axis] = 0;
    }
  }
  return result;
}
