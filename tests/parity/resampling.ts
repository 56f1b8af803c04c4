/**
 * Making images smaller and larger: bicubic shrinking, bilinear enlarging, rounding, normalising.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { downscale, quantize } from "../../ml/tensor/ops/downscale.ts";
import { denormalize, normalize } from "../../ml/tensor/ops/normalize.ts";
import { resizeBilinear } from "../../ml/tensor/ops/resize.ts";
import { upscale } from "../../ml/tensor/ops/upscale.ts";
import {
  at,
  checkImage,
  checkPlain,
  entries,
  type Fixture,
  type Handler,
  has,
  imageTensor,
  later,
  plainTensor,
  tensorSpec,
} from "./harness.ts";

/** Which of the functions below compares which file. */
const parts: [RegExp, Handler][] = [
  [/^ops\/bicubic_down/, bicubicDown],
  [/^ops\/bilinear_up/, bilinearUp],
  [/^ops\/quantize/, quantisation],
  [/^ops\/normalize/, normalisation],
];

/** Compares `ops/{bicubic_down,bilinear_up,quantize,normalize}*`. */
export default async function resampling(fixture: Fixture, t: Deno.TestContext): Promise<void> {
  const part = parts.find(([match]) => match.test(fixture.path));
  if (part === undefined) throw new RangeError(`Nothing here compares ${fixture.path}`);
  await part[1](fixture, t);
}

/** Cases are named `<input>_x<factor>_<plain|antialias>`. */
async function bicubicDown({ inputs, expected }: Fixture, t: Deno.TestContext): Promise<void> {
  for (const [name, wanted] of entries(expected)) {
    const [, input, factor, variant] = matched(/^(.+)_x(\d+)_(plain|antialias)$/, name);
    if (variant === "antialias") {
      await later(t, name, "the method shrinks without antialiasing only");
    } else {
      await checkImage(downscale(imageTensor(at(inputs, input)), Number(factor)), wanted, name);
    }
  }
}

/** The resize of each case: corners on corners for L2T, half-pixel centres inside networks. */
async function bilinearUp({ inputs, expected }: Fixture): Promise<void> {
  for (const [name, wanted] of entries(expected)) {
    if (name.endsWith("_grad")) continue; // compared with its forward case
    const { input, weights } = bilinearCase(name);
    const x = imageTensor(at(inputs, input));
    const [, , height, width] = shapeOf(wanted);
    const enlarge = name.startsWith("l2t_x")
      ? (x: tf.Tensor4D) => upscale(x, Number(matched(/_x(\d+)$/, name)[1]))
      : (x: tf.Tensor4D) => resizeBilinear(x, [height, width]);
    await checkImage(enlarge(x), wanted, name);
    if (!has(expected, `${name}_grad`)) continue;
    const w = imageTensor({
      name: z.string().parse(at(inputs, "gradient_weights", weights)),
      shape: shapeOf(wanted),
    });
    const gradient = tf.grad((x) => tf.sum(tf.mul(enlarge(x as tf.Tensor4D), w)))(x);
    await checkImage(gradient, at(expected, `${name}_grad`), `${name}_grad`);
  }
}

function bilinearCase(name: string): { input: string; weights: string } {
  if (name.startsWith("l2t_x")) return { input: "lr", weights: `w_${name}` };
  if (name.startsWith("head_")) return { input: "feat", weights: "w_head" };
  if (name.startsWith("pooled_")) return { input: "one", weights: "w_pooled" };
  if (name.startsWith("det_resize_")) return { input: "photo", weights: "w_det" };
  throw new RangeError(`Unknown case "${name}"`);
}

async function quantisation({ inputs, expected }: Fixture): Promise<void> {
  for (const [name, wanted] of entries(expected)) {
    const input = at(inputs, name);
    const x = has(input, "data")
      ? tf.tensor1d(z.array(z.number()).parse(at(input, "data")))
      : plainTensor(input);
    await checkPlain(quantize(x, name.startsWith("range255") ? 255 : 1), wanted, name);
  }
}

async function normalisation({ inputs, expected }: Fixture): Promise<void> {
  const x = imageTensor(at(inputs, "x"));
  const normalized = normalize(x);
  await checkImage(normalized, at(expected, "normalized"), "normalized");
  await checkImage(denormalize(normalized), at(expected, "inverse"), "inverse");
}

function shapeOf(expected: unknown): number[] {
  return tensorSpec.shape.shape.parse(at(expected, "shape"));
}

function matched(pattern: RegExp, name: string): RegExpExecArray {
  const match = pattern.exec(name);
  if (match === null) throw new RangeError(`Unknown case "${name}"`);
  return match;
}
