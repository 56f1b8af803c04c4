/**
 * Boxes (x1, y1, x2, y2) on plain arrays: overlap, coding, clipping.
 *
 * Everything here is small and full of branches, so typed arrays beat tensors. Numbers are rounded
 * to float32 where a threshold depends on them, as the reference does.
 *
 * @module
 */

const { fround, log, max, min } = Math;

/** Factors on (dx, dy, dw, dh). */
export type BoxWeights = readonly [number, number, number, number];

/** Deltas of a size are cut here before the exponential: a box grows at most 62.5 times. */
const LARGEST_SIZE_DELTA = log(1000 / 16);

/**
 * Intersection over union of every pair; NaN for two boxes without area.
 *
 * @param a [M] boxes
 * @param b [N] boxes
 * @returns [M, N]
 */
export function pairwiseIou(a: Float32Array, b: Float32Array): Float32Array {
  const [M, N] = [a.length / 4, b.length / 4];
  const areas = boxAreas(b);
  const result = new Float32Array(M * N);
  for (let i = 0, at = 0; i < M; i++) {
    const [x1, y1, x2, y2] = [a[4 * i], a[4 * i + 1], a[4 * i + 2], a[4 * i + 3]];
    const area = fround(fround(x2 - x1) * fround(y2 - y1));
    for (let j = 0; j < N; j++, at++) {
      const w = fround(min(x2, b[4 * j + 2]) - max(x1, b[4 * j]));
      const h = fround(min(y2, b[4 * j + 3]) - max(y1, b[4 * j + 1]));
      const shared = w > 0 && h > 0 ? fround(w * h) : 0;
      result[at] = shared / fround(fround(area + areas[j]) - shared);
    }
  }
  return result;
}

/** Areas of N boxes, [N]. */
export function boxAreas(boxes: Float32Array): Float32Array {
  const areas = new Float32Array(boxes.length / 4);
  for (let i = 0; i < areas.length; i++) {
    areas[i] = fround(boxes[4 * i + 2] - boxes[4 * i]) *
      fround(boxes[4 * i + 3] - boxes[4 * i + 1]);
  }
  return areas;
}

/**
 * What a head should answer so that `references` become `targets`: shift of the centre by the
 * reference's size, logarithm of the size's ratio, times weights.
 *
 * @param targets [N] boxes
 * @param references [N] boxes
 * @returns [N, 4] (dx, dy, dw, dh)
 */
export function encodeBoxes(
  targets: Float32Array,
  references: Float32Array,
  [wx, wy, ww, wh]: BoxWeights,
): Float32Array {
  const result = new Float32Array(targets.length);
  for (let i = 0; i < result.length; i += 4) {
    const width = references[i + 2] - references[i];
    const height = references[i + 3] - references[i + 1];
    const targetWidth = targets[i + 2] - targets[i];
    const targetHeight = targets[i + 3] - targets[i + 1];
    const dx = targets[i] + 0.5 * targetWidth - references[i] - 0.5 * width;
    const dy = targets[i + 1] + 0.5 * targetHeight - references[i + 1] - 0.5 * height;
    result[i] = wx * dx / width;
    result[i + 1] = wy * dy / height;
    result[i + 2] = ww * log(targetWidth / width);
    result[i + 3] = wh * log(targetHeight / height);
  }
  return result;
}

/**
 * The inverse of {@link encodeBoxes}; size deltas above log(1000/16) count as that.
 *
 * @param deltas [N, K, 4]
 * @param references [N] boxes
 * @returns [N, K] boxes
 */
export function decodeBoxes(
  deltas: Float32Array,
  references: Float32Array,
  [wx, wy, ww, wh]: BoxWeights,
): Float32Array {
  const result = new Float32Array(deltas.length);
  const perReference = deltas.length / (references.length / 4);
  for (let i = 0; i < deltas.length; i += 4) {
    const r = 4 * Math.floor(i / perReference);
    const width = references[r + 2] - references[r];
    const height = references[r + 3] - references[r + 1];
    const x = references[r] + 0.5 * width + deltas[i] / wx * width;
    const y = references[r + 1] + 0.5 * height + deltas[i + 1] / wy * height;
    const halfWidth = 0.5 * width * Math.exp(min(deltas[i + 2] / ww, LARGEST_SIZE_DELTA));
    const halfHeight = 0.5 * height * Math.exp(min(deltas[i + 3] / wh, LARGEST_SIZE_DELTA));
    result[i] = x - halfWidth;
    result[i + 1] = y - halfHeight;
    result[i + 2] = x + halfWidth;
    result[i + 3] = y + halfHeight;
  }
  return result;
}

/** Cuts boxes to an image, in place. */
export function clipBoxes(boxes: Float32Array, [height, width]: readonly [number, number]): void {
  for (let i = 0; i < boxes.length; i += 2) {
    boxes[i] = min(max(boxes[i], 0), width);
    boxes[i + 1] = min(max(boxes[i + 1], 0), height);
  }
}

/** Whether both sides of the box that starts at `boxes[at]` are at least `side` long. */
export function isAtLeast(boxes: Float32Array, at: number, side: number): boolean {
  const limit = fround(side);
  return fround(boxes[at + 2] - boxes[at]) >= limit &&
    fround(boxes[at + 3] - boxes[at + 1]) >= limit;
}

/** Boxes times a factor per axis, float32 as the reference rounds. */
export function scaleBoxes(boxes: Float32Array, scaleX: number, scaleY: number): Float32Array {
  return boxes.map((value, i) => value * (i % 2 === 0 ? scaleX : scaleY));
}

/** Some of the boxes, in the given order. */
export function takeBoxes(boxes: Float32Array, indices: Int32Array): Float32Array {
  const result = new Float32Array(4 * indices.length);
  for (let i = 0; i < indices.length; i++) {
    const from = 4 * indices[i];
    for (let k = 0; k < 4; k++) result[4 * i + k] = boxes[from + k];
  }
  return result;
}
