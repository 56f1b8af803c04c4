/**
 * Images of unequal size in one batch.
 *
 * @module
 */
import { z } from "zod";
import { padBatch } from "../../ml/data/pad_batch.ts";
import { at, checkTensor, entries, type Fixture, formulaTensor, tensorSpec } from "./harness.ts";
import { nchwToNhwc, nhwcToNchw } from "./harness.ts";

const inputs = z.object({ scale: z.int().positive(), images: z.array(tensorSpec).nonempty() });

/** Compares `ops/pad_batch*`. */
export default function pad(fixture: Fixture): void {
  for (const [name, given] of entries(fixture.inputs)) {
    const { scale, images } = inputs.parse(given);
    const C = images[0].shape[0];
    const { data, size: [H, W] } = padBatch(
      images.map((spec) => {
        const [channels, height, width] = spec.shape;
        return {
          height,
          width,
          data: nchwToNhwc(formulaTensor(spec), [1, channels, height, width]),
        };
      }),
      scale,
      (length) => new Float32Array(length),
      { channels: C },
    );
    const B = images.length;
    checkTensor(nhwcToNchw(data, [B, H, W, C]), at(fixture.expected, name), name, [B, C, H, W]);
  }
}
