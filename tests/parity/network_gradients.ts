/**
 * Gradients of a network in a fixture's form: of `sum(output · w)`, parameters in PyTorch's order.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import { toTorch } from "../../ml/nn/layout.ts";
import type { Params } from "../../ml/nn/params.ts";
import { norm, stored } from "./compare.ts";
import { checkNumber, checkTensor, entries, imageTensor } from "./harness.ts";

/** What {@link gradientsOf} gives. */
export interface Gradients {
  /** [B, H, W, C] */
  output: tf.Tensor4D;
  /** Gradient of the input, its shape. */
  input: tf.Tensor4D;
  /** By name, PyTorch's element order. */
  gradients: Map<string, ArrayLike<number>>;
}

/**
 * @param p all its parameters get a gradient, whatever their role
 * @param weights name of the formula tensor `w`
 * @param used how often the network may be run: once if running it moves statistics
 */
export async function gradientsOf(
  p: Params,
  network: (x: tf.Tensor4D) => tf.Tensor4D,
  x: tf.Tensor4D,
  weights: string,
  used: 1 | 2 = 2,
): Promise<Gradients> {
  let output: tf.Tensor4D | undefined = used === 2 ? network(x) : undefined;
  const input = tf.variable(x);
  const loss = (): tf.Scalar => {
    const y = network(input as tf.Tensor as tf.Tensor4D);
    output ??= tf.keep(tf.clone(y));
    const [B, H, W, C] = y.shape;
    return tf.sum(tf.mul(y, imageTensor({ name: weights, shape: [B, C, H, W] })));
  };
  const gradients = await parameterGradients(p, loss, [input]);
  const ofInput = gradients.extra[0];
  if (output === undefined) throw new Error("The network was not run");
  return { output, input: ofInput as tf.Tensor4D, gradients: gradients.byName };
}

/** Gradients of a loss, by name and in PyTorch's element order; those of `extra` as they are. */
export async function parameterGradients(
  p: Params,
  loss: () => tf.Scalar,
  extra: tf.Variable[] = [],
): Promise<{ value: number; byName: Map<string, ArrayLike<number>>; extra: tf.Tensor[] }> {
  const parameters = p.all();
  const { value, grads } = tf.variableGrads(loss, [
    ...parameters.map(({ variable }) => variable),
    ...extra,
  ]);
  const byName = new Map<string, ArrayLike<number>>();
  for (const { name, variable, shape, layout } of parameters) {
    const gradient = grads[variable.name];
    if (gradient === undefined) continue; // the loss does not depend on it
    byName.set(name, toTorch(await gradient.data<"float32">(), shape, layout));
  }
  return {
    value: (await value.data())[0],
    byName,
    extra: extra.map((variable) => grads[variable.name]),
  };
}

/** Compares the gradients that a fixture lists by parameter name. */
export function checkGradients(
  got: Map<string, ArrayLike<number>>,
  expected: unknown,
  label: string,
): void {
  for (const [name, wanted] of entries(expected)) {
    const gradient = got.get(name);
    assert.ok(gradient !== undefined, `${label}: no gradient of ${name}`);
    checkTensor(gradient, wanted, `${label} ${name}`);
  }
}

const whole = z.looseObject({ data: z.array(stored) });
const summary = z.looseObject({ l2: stored });

/**
 * Compares only the norms of such gradients: in training mode a deep network's single entries jump
 * with the last bit of its maps, where a ReLU flips.
 *
 * @param share the largest relative error
 */
export function checkGradientNorms(
  got: Map<string, ArrayLike<number>>,
  expected: unknown,
  share: number,
  label: string,
): void {
  for (const [name, described] of entries(expected)) {
    const gradient = got.get(name);
    assert.ok(gradient !== undefined, `${label}: no gradient of ${name}`);
    const values = whole.safeParse(described);
    const wanted = values.success ? norm(values.data.data) : summary.parse(described).l2;
    checkNumber(norm(gradient), wanted, share * wanted, `${label} ${name}: norm`);
  }
}
