/**
 * COCO's matching of detections to objects, within one image and one class.
 *
 * Source: pycocotools' `COCOeval.evaluateImg` and `bbIou`, rule by rule.
 *
 * @module
 */

/** Intersection over union that a match needs: 0.50, 0.55, …, 0.95, as NumPy's `linspace` gives them. */
export const IOU_THRESHOLDS: Float64Array = Float64Array.from(
  { length: 10 },
  (_, i) => i === 9 ? 0.95 : 0.5 + i * ((0.95 - 0.5) / 9),
);

/** Smallest and largest area in square pixels, both included: all, small, medium, large. */
export const AREA_RANGES: readonly (readonly [number, number])[] = [
  [0, 1e5 ** 2],
  [0, 32 ** 2],
  [32 ** 2, 96 ** 2],
  [96 ** 2, 1e5 ** 2],
];

/** What becomes of a detection: it counts for nothing, or as a false or a true positive. */
export const IGNORED = 0, FALSE_POSITIVE = 1, TRUE_POSITIVE = 2;

/** The objects of one image and class. */
export interface Objects {
  /** (x, y, width, height) one after the other, pixels. */
  boxes: Float64Array;
  /** As annotated, square pixels; not width · height. */
  areas: Float64Array;
  /** 1 for a region that holds many objects. */
  crowd: Uint8Array;
}

/**
 * Matches the detections of one image and class, in falling score order, to its objects.
 *
 * Each detection takes the free object with which it overlaps most, one that counts before one that
 * does not (a crowd, or outside the area range); of equal overlaps the later object. A crowd takes
 * any number of detections. A detection without object counts as false only inside the area range.
 *
 * @param detections D boxes (x, y, width, height), falling score order
 * @returns what becomes of each detection, [D][area range][threshold] flattened, and how many objects
 * count in each area range
 */
export function matchImage(
  detections: Float64Array,
  objects: Objects,
): { outcomes: Uint8Array; counted: Int32Array } {
  const D = detections.length / 4;
  const G = objects.areas.length;
  const T = IOU_THRESHOLDS.length;
  const overlaps = overlapMatrix(detections, objects);
  const outcomes = new Uint8Array(AREA_RANGES.length * T * D);
  const counted = new Int32Array(AREA_RANGES.length);
  const order = new Int32Array(G);
  const ignored = new Uint8Array(G);
  const taken = new Uint8Array(G);
  AREA_RANGES.forEach(([low, high], range) => {
    const outside = (area: number) => area < low || area > high;
    for (let g = 0; g < G; g++) ignored[g] = objects.crowd[g] || outside(objects.areas[g]) ? 1 : 0;
    let place = 0;
    for (let g = 0; g < G; g++) if (!ignored[g]) order[place++] = g;
    counted[range] = place;
    for (let g = 0; g < G; g++) if (ignored[g]) order[place++] = g;
    for (let t = 0; t < T; t++) {
      taken.fill(0);
      for (let d = 0; d < D; d++) {
        const g = bestObject(d, overlaps, IOU_THRESHOLDS[t], order, ignored, taken, objects.crowd);
        const at = (d * AREA_RANGES.length + range) * T + t;
        if (g >= 0) {
          taken[g] = 1;
          outcomes[at] = ignored[g] ? IGNORED : TRUE_POSITIVE;
        } else {
          const area = detections[4 * d + 2] * detections[4 * d + 3];
          outcomes[at] = outside(area) ? IGNORED : FALSE_POSITIVE;
        }
      }
    }
  });
  return { outcomes, counted };
}

/** The object that detection d takes, or -1. */
function bestObject(
  d: number,
  overlaps: Float64Array,
  threshold: number,
  order: Int32Array,
  ignored: Uint8Array,
  taken: Uint8Array,
  crowd: Uint8Array,
): number {
  const G = order.length;
  let best = -1;
  let most = Math.min(threshold, 1 - 1e-10);
  for (let i = 0; i < G; i++) {
    const g = order[i];
    if (taken[g] && !crowd[g]) continue;
    // Those that count come first; having one of them, the others are not looked at.
    if (best >= 0 && !ignored[best] && ignored[g]) break;
    const overlap = overlaps[d * G + g];
    if (overlap < most) continue;
    most = overlap;
    best = g;
  }
  return best;
}

/** [D, G] intersection over union; over the detection's own area for a crowd. */
function overlapMatrix(detections: Float64Array, { boxes, crowd }: Objects): Float64Array {
  const [D, G] = [detections.length / 4, crowd.length];
  const overlaps = new Float64Array(D * G);
  for (let d = 0; d < D; d++) {
    const dx = detections[4 * d], dy = detections[4 * d + 1];
    const dw = detections[4 * d + 2], dh = detections[4 * d + 3];
    for (let g = 0; g < G; g++) {
      const gx = boxes[4 * g], gy = boxes[4 * g + 1], gw = boxes[4 * g + 2], gh = boxes[4 * g + 3];
      const w = Math.min(dx + dw, gx + gw) - Math.max(dx, gx);
      if (w <= 0) continue;
      const h = Math.min(dy + dh, gy + gh) - Math.max(dy, gy);
      if (h <= 0) continue;
      const both = w * h;
      overlaps[d * G + g] = both / (crowd[g] ? dw * dh : dw * dh + gw * gh - both);
    }
  }
  return overlaps;
}
