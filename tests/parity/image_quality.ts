/**
 * PSNR.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import { meanPsnr, psnr, squaredErrors } from "../../ml/metrics/image_quality.ts";
import { quantize } from "../../ml/tensor/ops/downscale.ts";
import {
  at,
  checkScalar,
  entries,
  type Fixture,
  formulaTensor,
  has,
  imageOf,
  tensorSpec,
} from "./harness.ts";

/** Compares `metrics/psnr*`. */
export default async function imageQuality({ inputs, expected }: Fixture): Promise<void> {
  const spec = tensorSpec.parse(at(inputs, "hr"));
  const hrValues = formulaTensor(spec);
  const noise = formulaTensor(tensorSpec.parse(at(inputs, "noise")));
  // "float32(hr + noise), image 2 replaced by hr[2]"
  const equal = Number(/image (\d+) replaced/.exec(z.string().parse(at(inputs, "sr")))?.[1]);
  const perImage = hrValues.length / spec.shape[0];
  const srValues = hrValues.map((value, i) =>
    Math.floor(i / perImage) === equal ? value : value + noise[i]
  );
  const [sr, hr] = [imageOf(srValues, spec.shape), imageOf(hrValues, spec.shape)];
  const errors = async (
    x: tf.Tensor4D,
    border?: number,
  ) => [...await squaredErrors(x, hr, border).data()];
  const batches: Record<string, number[]> = {
    batch: await errors(sr),
    batch_quantized: await errors(quantize(sr)),
    batch_no_crop: await errors(sr, 0),
  };
  for (const [name, wanted] of entries(expected)) {
    if (name.endsWith("_valid")) continue; // compared with its mean
    if (name === "single") checkScalar(psnr(batches.batch[0]), wanted, name);
    else if (name === "identical") checkScalar(psnr(batches.batch[equal]), wanted, name);
    else {
      assert.ok(batches[name], `Unknown case "${name}"`);
      const { value, images } = meanPsnr(batches[name]);
      checkScalar(value, wanted, name);
      if (has(expected, `${name}_valid`)) checkScalar(images, at(expected, `${name}_valid`), name);
    }
  }
}
