/**
 * SwinIR: names of its parameters, results, inner maps and gradients; layer normalisation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import { Params } from "../../ml/nn/params.ts";
import { layerNorm } from "../../ml/nn/layer_norm.ts";
import { build, buildMaps, options as schema } from "../../models/sr/swinir.ts";
import {
  at,
  checkImage,
  checkPlain,
  checkTensor,
  entries,
  type Fixture,
  formulaTensor,
  has,
  imageTensor,
  plainTensor,
  tensorSpec,
  weightsSource,
  weightsSpec,
} from "./harness.ts";
import { checkGradients, gradientsOf, parameterGradients } from "./network_gradients.ts";

/** Compares `networks/swinir*` and `ops/layernorm*`. */
export default async function swinir(fixture: Fixture): Promise<void> {
  if (fixture.path.startsWith("ops/layernorm")) await layerNormalisation(fixture);
  else await network(fixture);
}

/** Options of the original; their words differ from the project's. */
const originalOptions = z.strictObject({
  upscale: z.literal([2, 4, 8]),
  depths: z.array(z.int()),
  embed_dim: z.int(),
  num_heads: z.array(z.int()),
  in_chans: z.literal(3),
  img_size: z.int(),
  window_size: z.int(),
  img_range: z.literal(1),
  mlp_ratio: z.number(),
  upsampler: z.literal("pixelshuffle"),
  resi_connection: z.literal("1conv"),
}).transform(({ upscale, embed_dim, depths, num_heads, window_size, mlp_ratio, img_size }) =>
  schema.parse({
    scale: upscale,
    embed: embed_dim,
    depths,
    heads: num_heads,
    window: window_size,
    mlp_ratio,
    image_size: img_size,
  })
);

async function network({ inputs, expected, ...fixture }: Fixture): Promise<void> {
  const options = originalOptions.parse(fixture.options);
  const source = weightsSource(fixture.weights);

  const p = Params.create(0, source);
  const maps = buildMaps(p, options);
  checkNames(p, fixture.weights);
  for (const [name, outputs] of entries(at(expected, "outputs"))) {
    const got = maps(imageTensor(at(inputs, name)));
    for (const [layer, wanted] of entries(outputs)) {
      const map: tf.Tensor4D | undefined = got[layer];
      assert.ok(map !== undefined, `SwinIR has no map "${layer}"`);
      if (layer.startsWith("layers.")) await checkTokens(map, wanted, `${name} ${layer}`);
      else await checkImage(map, wanted, `${name} ${layer}`);
    }
  }
  if (!has(expected, "gradients")) return;
  for (const [name, wanted] of entries(at(expected, "gradients"))) {
    const p = Params.create(0, source);
    const weights = z.string().parse(at(inputs, "gradient_weights", name));
    const x = imageTensor(at(inputs, name));
    const { input, gradients } = await gradientsOf(p, build(p, options), x, weights);
    const { input: wantedInput, ...rest } = z.record(z.string(), z.unknown()).parse(wanted);
    await checkImage(input, wantedInput, `${name} input`);
    checkGradients(gradients, rest, name);
  }
}

/** A group gives [B, H·W, C] in the original. */
async function checkTokens(map: tf.Tensor4D, wanted: unknown, label: string): Promise<void> {
  const [B, H, W, C] = map.shape;
  await checkPlain(tf.reshape(map, [B, H * W, C]), wanted, label);
}

/** Names, shapes and order of what is trained, and the fixed rest. */
function checkNames(p: Params, weights: unknown): void {
  const { parameters, fixed } = weightsSpec.parse(weights);
  const named = (role: string) =>
    p.all().filter((one) => one.role === role).map(({ name, shape }) => [name, shape]);
  assert.deepEqual(named("trained"), parameters.map(([name, shape]) => [name, shape]));
  assert.deepEqual(named("buffer"), fixed);
}

async function layerNormalisation({ inputs, expected }: Fixture): Promise<void> {
  const x = plainTensor(at(inputs, "x"));
  const p = Params.create(0, (part) => formulaTensor(tensorSpec.parse(at(inputs, part))));
  const layer = layerNorm(p, x.shape[x.rank - 1], z.number().parse(at(inputs, "eps")));
  const w = plainTensor({ name: at(inputs, "gradient_weights"), shape: x.shape });

  await checkPlain(layer(x), at(expected, "out"), "out");
  const input = tf.variable(x);
  const { byName, extra } = await parameterGradients(
    p,
    () => tf.sum(tf.mul(layer(input as tf.Tensor), w)),
    [input],
  );
  await checkPlain(extra[0], at(expected, "grad_x"), "grad_x");
  for (const part of ["weight", "bias"]) {
    checkTensor(byName.get(part) ?? [], at(expected, `grad_${part}`), `grad_${part}`);
  }
}
