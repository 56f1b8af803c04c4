/**
 * Operators that look at every number by itself.
 *
 * @module
 */
import type { Builder, Fixed, Value } from "./builder.ts";
import type { Operand, Translate } from "./kernels.ts";
import { same } from "./builder.ts";

/** Writes what becomes of a named value. @returns the name of the result */
export type Write = (
  builder: Builder,
  x: string,
  attributes: Record<string, unknown>,
) => string;

/** Entries for kernels of one value: an operator's name, or what is written. */
export function unary(kernels: Record<string, string | Write>): Record<string, Translate> {
  return mapValues(
    kernels,
    (how) => ({ builder: b, call, operands: [{ value }], sole: [sole] }) => {
      if (value === undefined) throw new TypeError(`Cannot export: ${call.kernel} of a constant`);
      const write: Write = typeof how === "string" ? (b, x) => b.node(how, [x]) : how;
      return [each(b, value, sole, (x) => write(b, x, call.attributes))];
    },
  );
}

/** Entries for kernels of two or more values that are spread out to one shape. */
export function elementwise(kernels: Record<string, string>): Record<string, Translate> {
  return mapValues(kernels, (op) => ({ builder, call, operands, sole: [sole] }) => {
    const [shape] = call.results;
    return [
      operands.slice(1).reduce<Operand>(
        (sum, operand) => ({ value: both(builder, op, shape, [sum, operand], sole) }),
        operands[0],
      ).value!,
    ];
  });
}

/** Looks at the map behind a value that is only another shape of it. */
function each(b: Builder, x: Value, sole: boolean, write: (name: string) => string): Value {
  if (x.plain === undefined && x.view !== undefined) {
    const { shape } = x;
    return { shape, view: each(b, x.view, sole, write), sole };
  }
  const { shape } = x;
  if (x.nchw !== undefined || x.border !== undefined) {
    return b.map(write(b.nchw(x)), shape, { sole });
  }
  return { shape, plain: write(b.plain(x)), sole };
}

function both(b: Builder, op: string, shape: number[], pair: Operand[], sole: boolean): Value {
  const [first, second] = pair;
  if (first.value !== undefined && second.value !== undefined) {
    return ofValues(b, op, shape, first.value, second.value, sole);
  }
  const constantFirst = first.fixed !== undefined;
  const fixed = (constantFirst ? first.fixed : second.fixed)!;
  const value = (constantFirst ? second.value : first.value)!;
  const write = (x: string, constant: string) =>
    b.node(op, constantFirst ? [constant, x] : [x, constant]);
  if (!spreadsOnly(fixed.shape, value.shape)) {
    return { shape, plain: write(b.plain(value), b.fixed(fixed)), sole };
  }
  if (op === "Add") {
    const biased = asBias(b, value, fixed, sole);
    if (biased !== undefined) return biased;
  }
  return withConstant(b, value, fixed, sole, write);
}

function ofValues(
  b: Builder,
  op: string,
  shape: number[],
  x: Value,
  y: Value,
  sole: boolean,
): Value {
  if (isView(x) && isView(y) && same(x.view!.shape, y.view!.shape)) {
    return { shape, view: ofValues(b, op, x.view!.shape, x.view!, y.view!, sole), sole };
  }
  const maps = x.shape.length === 4 && y.shape.length === 4;
  if (maps && (x.nchw !== undefined || y.nchw !== undefined)) {
    return b.map(b.node(op, [b.nchw(x), b.nchw(y)]), shape, { sole });
  }
  return { shape, plain: b.node(op, [b.plain(x), b.plain(y)]), sole };
}

/** A value and numbers that are the same for every sample; the shape stays the value's. */
function withConstant(
  b: Builder,
  value: Value,
  fixed: Fixed,
  sole: boolean,
  write: (x: string, constant: string) => string,
): Value {
  const { shape } = value;
  const map = isView(value) ? value.view! : value;
  const C = map.shape[map.shape.length - 1];
  if (isView(value) && perChannel(b, fixed, C)) {
    return { shape, view: withConstant(b, map, inChannels(b, fixed, C), sole, write), sole };
  }
  if (value.nchw !== undefined || value.border !== undefined) {
    const count = fixed.shape.reduce((n, size) => n * size, 1);
    const constant = count === 1
      ? b.fixed(fixed, [])
      : fixed.shape.length === 4
      ? b.fixed(fixed, [0, 3, 1, 2].map((axis) => fixed.shape[axis]), [0, 3, 1, 2])
      : fixed.shape.length === 1
      ? b.fixed(fixed, [C, 1, 1])
      : undefined;
    if (constant !== undefined) return b.map(write(b.nchw(value), constant), shape, { sole });
  }
  return { shape, plain: write(b.plain(value), b.fixed(fixed)), sole };
}

/** Adds a bias to the convolution or the product in front, if nobody else reads that. */
function asBias(b: Builder, value: Value, fixed: Fixed, sole: boolean): Value | undefined {
  const map = isView(value) ? value.view! : value;
  const name = map.nchw ?? map.plain;
  const node = b.nodes.find(({ output }) => output === name);
  const isOpen = node !== undefined && node.inputs.length === 2 &&
    (node.op === "Conv" || node.op === "Gemm");
  const C = value.shape[value.shape.length - 1];
  if (!isOpen || !value.sole || !same(fixed.shape, [C])) return undefined;
  const shuffled = fixed.kind === "parameter" && typeof fixed.parameter.layout === "object";
  if (map.shuffled !== undefined && !shuffled) return undefined;
  node.inputs.push(
    fixed.kind === "parameter" && (shuffled === (map.shuffled !== undefined))
      ? b.weight(fixed)
      : b.fixed(fixed),
  );
  return { ...value, sole };
}

function isView(value: Value): boolean {
  return value.plain === undefined && value.view !== undefined;
}

/** Whether a shape can be spread out to another one without changing that. */
function spreadsOnly(from: readonly number[], to: readonly number[]): boolean {
  return from.length <= to.length &&
    from.toReversed().every((size, i) => size === 1 || size === to[to.length - 1 - i]);
}

/** Whether numbers only depend on the channel, in rows of several cells of C channels each. */
function perChannel(b: Builder, fixed: Fixed, C: number): boolean {
  const numbers = b.numbers(fixed);
  if (numbers.length === 1) return true;
  if (fixed.shape.length !== 1 || numbers.length % C !== 0) return false;
  return Array.from(numbers).every((value, i) => value === numbers[i % C]);
}

/** The first C of such numbers. */
function inChannels(b: Builder, fixed: Fixed, C: number): Fixed {
  const numbers = b.numbers(fixed);
  if (numbers.length === 1 || numbers.length === C) return fixed;
  const from = fixed.kind === "constant" ? fixed.constant.from : [fixed.parameter.name];
  const data = Float32Array.from({ length: C }, (_, i) => numbers[i]);
  return { kind: "constant", constant: { from, data }, shape: [C] };
}

function mapValues<A, B>(record: Record<string, A>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}
