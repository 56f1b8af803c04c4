/**
 * Images of an evaluation as pictures: what there was to see, and what the task network saw.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch } from "../data/batches.ts";
import { type Degradation, lowResolution } from "../data/degradation.ts";
import { cropPicture, toPictures } from "../data/pixels.ts";
import type { Picture } from "../image/picture.ts";

/** One image in three versions, 8 bits a channel. */
export interface Snapshot {
  /** Position in the dataset. */
  index: number;
  /** The low-resolution image. */
  low: Picture;
  /** What T was shown, clamped. */
  seen: Picture;
  original: Picture;
}

/**
 * Takes the images of a batch whose index is below `count`.
 *
 * @param seen [B, H, W, 3] what T was shown in the place of `batch.images`
 */
export async function takeSnapshots(
  { images, indices, sizes }: ImageBatch,
  seen: tf.Tensor4D,
  { count, scale, degradation }: { count: number; scale: number; degradation: Degradation },
): Promise<Snapshot[]> {
  const chosen = Array.from(indices.keys()).filter((i) => indices[i] < count);
  if (chosen.length === 0) return [];
  const tensors = tf.tidy(() => {
    const [original, shown] = [images, seen].map((x) => tf.gather(x, chosen));
    return [lowResolution(original, scale, degradation), shown, original];
  });
  const [low, shown, original] = await Promise.all(tensors.map(toPictures));
  tf.dispose(tensors);
  return chosen.map((place, i) => {
    const [h, w] = sizes[place];
    return {
      index: indices[place],
      low: cropPicture(low[i], 0, 0, Math.ceil(w / scale), Math.ceil(h / scale)),
      seen: cropPicture(shown[i], 0, 0, w, h),
      original: cropPicture(original[i], 0, 0, w, h),
    };
  });
}
