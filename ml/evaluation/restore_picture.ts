/**
 * A picture's way through low resolution and back.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Degradation, lowResolution } from "../data/degradation.ts";
import { cropPicture, toPictures, toTensor } from "../data/pixels.ts";
import { InputError } from "../image/input_error.ts";
import { matlabResize } from "../image/matlab_resize.ts";
import type { Picture } from "../image/picture.ts";

/** One picture in the versions that a report shows side by side. */
export interface Versions {
  /** The original, cut at the right and below to a multiple of the scale. */
  hr: Picture;
  /** Its low-resolution twin. */
  lr: Picture;
  /** That, enlarged by MATLAB's bicubic filter. */
  bicubic: Picture;
}

/**
 * Shrinks a picture and enlarges it without a network.
 *
 * @param name how errors call the picture
 * @throws {InputError} if the picture has fewer pixels than the scale, or the scale does not fit the
 *   degradation
 */
export async function shrinkAndEnlarge(
  picture: Picture,
  name: string,
  { scale, degradation }: { scale: number; degradation: Degradation },
): Promise<Versions> {
  const [width, height] = [picture.width, picture.height].map((n) => n - n % scale);
  if (width === 0 || height === 0) {
    throw new InputError(
      `Cannot shrink ${name} by ${scale}: it has ${picture.width}x${picture.height} pixels`,
    );
  }
  const hr = cropPicture(picture, 0, 0, width, height);
  // On pictures MATLAB's filter is exact to the last pixel; on tensors float32 breaks some ties.
  const lr = degradation === "matlab"
    ? matlabResize(hr, 1 / scale)
    : await shrinkOfficially(hr, scale);
  return { hr, lr, bicubic: matlabResize(lr, scale) };
}

async function shrinkOfficially(hr: Picture, scale: number): Promise<Picture> {
  if (scale % 2 !== 0) {
    throw new InputError(
      `Cannot shrink by ${scale} as the paper's code does, which knows even factors only; ` +
        "set degradation to matlab",
    );
  }
  const small = tf.tidy(() =>
    lowResolution(tf.expandDims<tf.Tensor4D>(toTensor(hr)), scale, "official")
  );
  const [lr] = await toPictures(small);
  small.dispose();
  return lr;
}
