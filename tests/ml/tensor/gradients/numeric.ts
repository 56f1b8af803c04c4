/**
 * Gradients by difference quotients, for comparison with registered ones.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { stream } from "../../../../ml/tensor/random.ts";

/** Numbers in [-1, 1) that depend on the name only. */
export function randomTensor(
  name: string,
  shape: [number, number, number, number],
): tf.Tensor4D {
  const random = stream(1, name);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor4d(Float32Array.from({ length: size }, () => random.between(-1, 1)), shape);
}

/**
 * Compares the gradient of `sum(f(x)·w)`, w random, with central differences in every element.
 *
 * @param step large for functions that are linear in x, as rounding then matters less
 */
export async function assertGradient(
  f: (x: tf.Tensor4D) => tf.Tensor,
  x: tf.Tensor4D,
  { step = 0.5, tolerance = 2e-4 } = {},
): Promise<void> {
  const y = f(x);
  const w = tf.reshape(randomTensor("upstream", [y.size, 1, 1, 1]), y.shape);
  const loss = (x: tf.Tensor) => tf.sum(tf.mul(f(x as tf.Tensor4D), w));
  const got = await tf.grad(loss)(x).data();
  const values = await x.data();
  for (let i = 0; i < values.length; i++) {
    const at = async (value: number) => {
      const moved = Float32Array.from(values);
      moved[i] = value;
      return (await loss(tf.tensor4d(moved, x.shape)).data())[0];
    };
    const difference = await at(values[i] + step) - await at(values[i] - step);
    const expected = difference / (2 * step);
    assert.ok(
      Math.abs(got[i] - expected) <= tolerance * (1 + Math.abs(expected)),
      `element ${i}: the gradient says ${got[i]}, the difference quotient ${expected}`,
    );
  }
}
