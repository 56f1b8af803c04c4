/**
 * EDSR: results, inner maps and gradients.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import { Params } from "../../ml/nn/params.ts";
import { build, buildMaps, options as schema } from "../../models/sr/edsr.ts";
import { at, checkImage, entries, type Fixture, imageTensor, weightsSource } from "./harness.ts";
import { checkGradients, gradientsOf } from "./network_gradients.ts";

/** Options of the original; their words differ from the project's. */
const originalOptions = z.strictObject({
  scale: z.literal([2, 4, 8]),
  n_blocks: z.int(),
  n_feats: z.int(),
});

/** Compares `networks/edsr*`. */
export default async function edsr(fixture: Fixture): Promise<void> {
  const { inputs, expected } = fixture;
  const { scale, n_blocks, n_feats } = originalOptions.parse(fixture.options);
  const options = schema.parse({ scale, blocks: n_blocks, channels: n_feats });
  const source = weightsSource(fixture.weights);

  for (const [name, outputs] of entries(at(expected, "outputs"))) {
    const maps = buildMaps(Params.create(0, source), options)(imageTensor(at(inputs, name)));
    for (const [layer, wanted] of entries(outputs)) {
      const map: tf.Tensor4D | undefined = maps[layer];
      assert.ok(map !== undefined, `EDSR has no map "${layer}"`);
      await checkImage(map, wanted, layer);
    }
  }
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
