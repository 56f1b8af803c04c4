/**
 * What the parity tests share: reading fixtures, making tensors, comparing results.
 *
 * A fixture's shapes are PyTorch's; tensors here are NHWC. Sizes, options, names and prefixes come
 * from inside each file, never from its name.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Source } from "../../ml/nn/params.ts";
import { checkTensor } from "./compare.ts";
import { formulaTensor, type TensorSpec, tensorSpec } from "./formula.ts";

export { checkChange, checkNumber, checkScalar, checkTensor } from "./compare.ts";
export { formulaTensor, type TensorSpec, tensorSpec } from "./formula.ts";

/** The parameters of a network as a fixture lists them: [name, shape, scale, offset]. */
export const weightsSpec = z.looseObject({
  prefix: z.string(),
  parameters: z.array(z.tuple([z.string(), z.array(z.int()), z.number(), z.number()])),
  fixed: z.array(z.tuple([z.string(), z.array(z.int())])).default([]),
});

const fixtureSchema = z.looseObject({
  case: z.string(),
  inputs: z.unknown().optional(),
  expected: z.unknown().optional(),
  notes: z.array(z.string()).default([]),
});

/** One file. Read parts of it with {@link at} and zod. */
export type Fixture = z.infer<typeof fixtureSchema> & {
  /** Path inside the set without the ending, e.g. `ops/nms`. */
  path: string;
  /** Where the file lies; what belongs to it lies beside it. */
  file: string;
};

/** Compares what one file holds; throws if something differs. */
export type Handler = (fixture: Fixture, t: Deno.TestContext) => Promise<void> | void;

/** Reads a file of a set. */
export async function readFixture(file: string, path: string): Promise<Fixture> {
  return { ...fixtureSchema.parse(JSON.parse(await Deno.readTextFile(file))), path, file };
}

/**
 * What lies at a path inside JSON: `at(fixture.expected, "outputs", "a")`.
 *
 * @throws {RangeError} that names the first missing step
 */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let here = value;
  path.forEach((key, depth) => {
    const next: unknown = typeof here === "object" && here !== null
      ? Object.getOwnPropertyDescriptor(here, key)?.value
      : undefined;
    if (next === undefined) {
      throw new RangeError(`The fixture has nothing at "${path.slice(0, depth + 1).join(".")}"`);
    }
    here = next;
  });
  return here;
}

/** Whether something lies at a path. */
export function has(value: unknown, ...path: (string | number)[]): boolean {
  try {
    at(value, ...path);
    return true;
  } catch {
    return false;
  }
}

/** The entries of a JSON object. */
export function entries(value: unknown): [string, unknown][] {
  return Object.entries(z.record(z.string(), z.unknown()).parse(value));
}

/** Reports a part that this project does not do yet, by name, as ignored. */
export async function later(t: Deno.TestContext, name: string, reason: string): Promise<void> {
  await t.step({ name: `${name} (${reason})`, ignore: true, fn: () => {} });
}

/** The same values, channels last. [B, C, H, W] → [B, H, W, C]. */
export function nchwToNhwc(values: ArrayLike<number>, shape: readonly number[]): Float32Array {
  const [B, C, H, W] = shape;
  return transpose(values, B, C, H * W);
}

/** The same values, channels first. @param shape of the values as they are, [B, H, W, C] */
export function nhwcToNchw(values: ArrayLike<number>, shape: readonly number[]): Float32Array {
  const [B, H, W, C] = shape;
  return transpose(values, B, H * W, C);
}

/** A described image or feature map as a tensor: [B, C, H, W] in the fixture, [B, H, W, C] here. */
export function imageTensor(spec: unknown): tf.Tensor4D {
  const parsed = tensorSpec.parse(spec);
  return imageOf(formulaTensor(parsed), parsed.shape);
}

/** Values in PyTorch's order as an NHWC tensor. @param shape [B, C, H, W] */
export function imageOf(values: ArrayLike<number>, shape: readonly number[]): tf.Tensor4D {
  const [B, C, H, W] = shape;
  return tf.tensor4d(nchwToNhwc(values, shape), [B, H, W, C]);
}

/** Any described tensor as it is, without moving axes. */
export function plainTensor(spec: unknown): tf.Tensor {
  const parsed = tensorSpec.parse(spec);
  return tf.tensor(formulaTensor(parsed), parsed.shape);
}

/** Checks an NHWC tensor against a stored NCHW one. */
export async function checkImage(got: tf.Tensor, expected: unknown, label?: string): Promise<void> {
  const [B, H, W, C] = got.shape;
  checkTensor(nhwcToNchw(await got.data(), [B, H, W, C]), expected, label, [B, C, H, W]);
}

/** Checks a tensor whose axes are PyTorch's. */
export async function checkPlain(got: tf.Tensor, expected: unknown, label?: string): Promise<void> {
  checkTensor(await got.data(), expected, label, got.shape);
}

/**
 * A network's parameters by the formula, for `Params.create(0, weightsSource(…))`.
 *
 * Of the fixed entries it gives nothing: they follow from the architecture.
 *
 * @param weights a fixture's `weights` (or one of them, where there are several networks)
 */
export function weightsSource(weights: unknown): Source {
  const { prefix, parameters } = weightsSpec.parse(weights);
  const specs = new Map(parameters.map(([name, shape, scale, offset]): [string, TensorSpec] => [
    name,
    { name: prefix + name, shape, scale, offset },
  ]));
  return (name) => {
    const spec = specs.get(name);
    return spec === undefined ? undefined : formulaTensor(spec);
  };
}

function transpose(
  values: ArrayLike<number>,
  B: number,
  rows: number,
  columns: number,
): Float32Array {
  const result = new Float32Array(values.length);
  let from = 0;
  for (let b = 0; b < B; b++) {
    const start = b * rows * columns;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) result[start + c * rows + r] = values[from++];
    }
  }
  return result;
}
