/**
 * What networks are made of: convolutions, normalisation, activations, pooling, pixel shuffle.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import { batchNorm, type Mode } from "../../ml/nn/batch_norm.ts";
import { gelu } from "../../ml/nn/gelu.ts";
import { conv2d, depthwiseConv2d, hardSigmoid, hardSwish } from "../../ml/nn/layers.ts";
import { fromTorch } from "../../ml/nn/layout.ts";
import { Params } from "../../ml/nn/params.ts";
import { adaptiveAveragePool, maxPool } from "../../ml/nn/pooling.ts";
import { pixelShuffle } from "../../ml/tensor/ops/pixel_shuffle.ts";
import {
  at,
  checkImage,
  checkPlain,
  checkScalar,
  checkTensor,
  entries,
  type Fixture,
  formulaTensor,
  type Handler,
  has,
  imageTensor,
  later,
  plainTensor,
  tensorSpec,
} from "./harness.ts";
import { gradientsOf } from "./network_gradients.ts";

const parts: [RegExp, Handler][] = [
  [/^ops\/conv/, convolutions],
  [/^ops\/batchnorm/, normalisation],
  [/^ops\/activations/, activations],
  [/^ops\/pooling/, pooling],
  [/^ops\/pixel_shuffle/, shuffles],
];

/** Compares `ops/{conv,batchnorm,activations,pooling,pixel_shuffle}*`. */
export default async function networkParts(fixture: Fixture, t: Deno.TestContext): Promise<void> {
  const part = parts.find(([match]) => match.test(fixture.path));
  if (part === undefined) throw new RangeError(`Nothing here compares ${fixture.path}`);
  await part[1](fixture, t);
}

const convSpec = z.looseObject({
  x: tensorSpec,
  weight: tensorSpec,
  bias: tensorSpec.optional(),
  stride: z.int(),
  padding: z.int(),
  dilation: z.int(),
  groups: z.int(),
  gradient_weights: z.string(),
});

async function convolutions({ inputs, expected }: Fixture, t: Deno.TestContext): Promise<void> {
  for (const [name, described] of entries(inputs)) {
    const spec = convSpec.parse(described);
    const { stride, padding, dilation, groups } = spec;
    const [outChannels, , k] = spec.weight.shape;
    const inChannels = spec.x.shape[1];
    const depthwise = groups === inChannels && groups === outChannels && groups > 1;
    if (padding !== (k - 1) / 2 * dilation || (groups > 1 && !depthwise)) {
      await later(t, name, "no network here has such a convolution");
      continue;
    }
    const p = Params.create(
      0,
      (part) => formulaTensor(part === "weight" ? spec.weight : tensorSpec.parse(spec.bias)),
    );
    const options = { stride, dilation, bias: spec.bias !== undefined };
    const layer = depthwise
      ? withBias(p, outChannels, spec.bias, depthwiseConv2d(p, inChannels, k, options))
      : conv2d(p, inChannels, outChannels, k, options);
    const { output, input, gradients } = await gradientsOf(
      p,
      layer,
      imageTensor(spec.x),
      spec.gradient_weights,
    );
    await checkImage(output, at(expected, name, "out"), `${name} out`);
    await checkImage(input, at(expected, name, "grad_x"), `${name} grad_x`);
    for (const part of ["weight", "bias"]) {
      if (!has(expected, name, `grad_${part}`)) continue;
      const got = gradients.get(part);
      assert.ok(got !== undefined, `${name}: no gradient of the ${part}`);
      checkTensor(got, at(expected, name, `grad_${part}`), `${name} grad_${part}`);
    }
  }
}

/** The project's depthwise layer has no bias; the one of the fixture goes on top. */
function withBias(
  p: Params,
  channels: number,
  bias: unknown,
  layer: (x: tf.Tensor4D) => tf.Tensor4D,
): (x: tf.Tensor4D) => tf.Tensor4D {
  if (bias === undefined) return layer;
  const offset = p.get("bias", { shape: [channels], init: () => new Float32Array(channels) });
  return (x) => tf.add(layer(x), offset);
}

async function normalisation({ inputs, expected }: Fixture): Promise<void> {
  for (const [name, described] of entries(inputs)) {
    const { eps, momentum, gradient_weights } = z.looseObject({
      eps: z.number(),
      momentum: z.number(),
      gradient_weights: z.string(),
    }).parse(described);
    const x = imageTensor(at(described, "x"));
    for (const mode of ["eval", "train"] satisfies Mode[]) {
      const p = Params.create(
        0,
        (part) =>
          part === "num_batches_tracked"
            ? undefined
            : formulaTensor(tensorSpec.parse(at(described, part))),
      );
      const layer = batchNorm(p, x.shape[3], { eps, momentum });
      const { output, input, gradients } = await gradientsOf(
        p,
        (x) => layer(x, mode),
        x,
        gradient_weights,
        1,
      );
      const wanted = (part: string) => at(expected, name, part);
      await checkImage(output, wanted(mode), `${name} ${mode}`);
      await checkImage(input, wanted(`${mode}_grad_x`), `${name} ${mode}_grad_x`);
      for (const part of ["weight", "bias"]) {
        const got = gradients.get(part) ?? [];
        checkTensor(got, wanted(`${mode}_grad_${part}`), `${name} ${mode}_grad_${part}`);
      }
      if (mode === "eval") continue;
      const after = new Map((await p.snapshot()).map(({ name, data }) => [name, data]));
      for (const part of ["running_mean", "running_var"]) {
        checkTensor(after.get(part) ?? [], wanted(`${part}_after`), `${name} ${part}`);
      }
      checkScalar(after.get("num_batches_tracked")?.[0] ?? 0, wanted("num_batches_tracked"));
    }
  }
}

const ACTIVATIONS: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  gelu,
  hardswish: hardSwish,
  hardsigmoid: hardSigmoid,
  "leaky_relu_0.01": (x) => tf.leakyRelu(x, 0.01),
  relu: tf.relu,
  sigmoid: tf.sigmoid,
  softmax_last: (x) => tf.softmax(x),
  log_softmax_last: (x) => tf.logSoftmax(x),
};

async function activations({ inputs, expected }: Fixture, t: Deno.TestContext): Promise<void> {
  const edge = tf.tensor1d(z.array(z.number()).parse(at(inputs, "edge")));
  const x = plainTensor(at(inputs, "x"));
  const w = plainTensor({ name: at(inputs, "gradient_weights"), shape: x.shape });
  for (const [name, wanted] of entries(expected)) {
    if (name.endsWith("_grad")) continue; // compared with its value
    const activation = ACTIVATIONS[name.replace(/_edge$/, "")];
    if (activation === undefined) {
      await later(t, name, "no network here uses it yet");
    } else if (name.endsWith("_edge")) {
      await checkPlain(activation(edge), wanted, name); // the gradient at a kink is a choice
    } else {
      await checkPlain(activation(x), wanted, name);
      const gradient = tf.grad((x) => tf.sum(tf.mul(activation(x), w)))(x);
      await checkPlain(gradient, at(expected, `${name}_grad`), `${name}_grad`);
    }
  }
}

const POOLS: Record<string, (x: tf.Tensor4D) => tf.Tensor4D> = {
  max_1_2_0: (x) => tf.maxPool(x, 1, 2, "valid"),
  max_2_2_0: maxPool(2, 2),
  max_3_2_1: maxPool(3, 2, 1),
  adaptive_1x1: (x) => tf.mean(x, [1, 2], true),
  adaptive_4x3: adaptiveAveragePool(4, 3),
  adaptive_7x7: adaptiveAveragePool(7, 7),
};

async function pooling({ inputs, expected }: Fixture, t: Deno.TestContext): Promise<void> {
  const x = imageTensor(at(inputs, "x"));
  const weights = z.string().parse(at(inputs, "gradient_weights"));
  for (const [name, wanted] of entries(expected)) {
    if (name.endsWith("_grad")) continue;
    const pool = POOLS[name];
    if (pool === undefined) {
      await later(t, name, "no network here pools like this yet");
      continue;
    }
    const output = pool(x);
    await checkImage(output, wanted, name);
    const w = upstream(weights.replace("<variant>", name), output);
    const gradient = tf.grad((x) => tf.sum(tf.mul(pool(x as tf.Tensor4D), w)))(x);
    await checkImage(gradient, at(expected, `${name}_grad`), `${name}_grad`);
  }
}

/** Gradient weights of an NHWC result. */
function upstream(name: string, { shape: [B, H, W, C] }: tf.Tensor): tf.Tensor4D {
  return imageTensor({ name, shape: [B, C, H, W] });
}

async function shuffles({ inputs, expected }: Fixture): Promise<void> {
  for (const [name, wanted] of entries(expected)) {
    if (!/^out\d*$/.test(name)) continue;
    const spec = tensorSpec.parse(at(inputs, name.replace("out", "x")));
    const x = imageTensor(spec);
    const { shape } = z.looseObject({ shape: z.array(z.int()) }).parse(wanted);
    const r = shape[2] / spec.shape[2];
    const shuffle = (x: tf.Tensor) => pixelShuffle(inTensorFlowsOrder(x, r), r);
    await checkImage(shuffle(x), wanted, name);
    if (name !== "out" || !has(expected, "grad")) continue;
    const w = imageTensor({ name: at(inputs, "gradient_weights", "out"), shape });
    const gradient = tf.grad((x) => tf.sum(tf.mul(shuffle(x), w)))(x);
    await checkImage(gradient, at(expected, "grad"), "grad");
  }
}

/** Moves channels as a convolution of the layout `shuffle` has them. */
function inTensorFlowsOrder(x: tf.Tensor, r: number): tf.Tensor4D {
  const C = x.shape[3] ?? 0;
  const numbers = Float32Array.from({ length: C }, (_, i) => i);
  const order = Int32Array.from(fromTorch(numbers, [C], { shuffle: r }));
  return tf.gather(x as tf.Tensor4D, tf.tensor1d(order, "int32"), 3);
}
