/**
 * Made-up pictures and objects for tests of detectors.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { DetectionTarget, Sampler, Size } from "../../../ml/nn/contracts.ts";
import { stream } from "../../../ml/tensor/random.ts";

/** A batch. */
export interface Scene {
  /** [B, height, width, 3] in [0, 1] */
  images: tf.Tensor4D;
  sizes: Size[];
  targets: DetectionTarget[];
}

/** Noise, with objects here and there. The same arguments give the same scene. */
export function scene(B: number, [height, width]: Size, objects = 3): Scene {
  const random = stream(7, "scene");
  const values = Float32Array.from({ length: B * height * width * 3 }, () => random.uniform());
  return {
    images: tf.tensor4d(values, [B, height, width, 3]),
    sizes: Array.from({ length: B }, (): Size => [height, width]),
    targets: Array.from({ length: B }, () => ({
      boxes: Float32Array.from(
        Array.from({ length: objects }, () => {
          const side = random.between(16, 28);
          const x = random.between(0, width - side);
          const y = random.between(0, height - side);
          return [x, y, x + side, y + side];
        }).flat(),
      ),
      labels: Int32Array.from({ length: objects }, (_, i) => i % 3 + 1),
    })),
  };
}

/** Takes the first candidates. */
export const first: Sampler = (candidates, count) => candidates.slice(0, count);
