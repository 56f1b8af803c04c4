/**
 * Eight-bit pictures to tensors in [0, 1] and back.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Picture } from "../image/picture.ts";

/** v / 255 in float32 for every eight-bit value, as torchvision's `to_tensor` has it. */
const UNIT = Float32Array.from({ length: 256 }, (_, v) => v / 255);

/** The values of a picture in [0, 1], written into `out` from `offset` on; `out` if it is given. */
export function toUnit(
  bytes: Uint8Array,
  out: Float32Array = new Float32Array(bytes.length),
  offset = 0,
): Float32Array {
  for (let i = 0; i < bytes.length; i++) out[offset + i] = UNIT[bytes[i]];
  return out;
}

/** @returns [H, W, 3] in [0, 1] */
export function toTensor({ width, height, data }: Picture): tf.Tensor3D {
  return tf.tensor3d(toUnit(data), [height, width, 3], "float32");
}

/**
 * Rounds a tensor to a picture; what is outside [0, 1] is clamped. Half values go to the even
 * neighbour, as the method's quantisation does.
 *
 * @param x [H, W, 3]
 */
export async function toPicture(x: tf.Tensor3D): Promise<Picture> {
  const [height, width, channels] = x.shape;
  if (channels !== 3) {
    throw new RangeError(`Cannot make a picture of [${x.shape}]: expected 3 channels`);
  }
  return { width, height, data: toBytes(await x.data()) };
}

/** The pictures of a batch. @param x [B, H, W, 3] */
export async function toPictures(x: tf.Tensor4D): Promise<Picture[]> {
  const [B, height, width, channels] = x.shape;
  if (channels !== 3) {
    throw new RangeError(`Cannot make pictures of [${x.shape}]: expected 3 channels`);
  }
  const bytes = toBytes(await x.data());
  const size = height * width * 3;
  return Array.from({ length: B }, (_, b) => ({
    width,
    height,
    data: bytes.slice(b * size, (b + 1) * size),
  }));
}

/** A Uint8ClampedArray clamps and rounds halves to even by itself. */
function toBytes(values: ArrayLike<number>): Uint8Array {
  const clamped = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i++) clamped[i] = Math.fround(values[i] * 255);
  return new Uint8Array(clamped.buffer);
}

/** The window of a picture whose top left corner is (x, y); it must lie inside. */
export function cropPicture(
  picture: Picture,
  x: number,
  y: number,
  width: number,
  height: number,
): Picture {
  if (x < 0 || y < 0 || x + width > picture.width || y + height > picture.height) {
    throw new RangeError(
      `Cannot cut ${width}x${height} at (${x}, ${y}) out of ${picture.width}x${picture.height}`,
    );
  }
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * picture.width + x) * 3;
    data.set(picture.data.subarray(from, from + width * 3), row * width * 3);
  }
  return { width, height, data };
}
