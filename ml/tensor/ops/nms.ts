/**
 * Non-maximum suppression on plain arrays.
 *
 * @module
 */
import { boxAreas } from "./boxes.ts";
import { highest } from "./order.ts";

const { fround, max, min } = Math;

/** Options of {@link nms}. */
export interface NmsOptions {
  /** A box goes if its IoU with a kept one is greater than this. */
  threshold: number;
  /** [N] boxes of different groups (levels, classes) do not see each other. Default: one group. */
  groups?: Int32Array;
  /** Stop after this many. */
  limit?: number;
}

/**
 * Keeps the best boxes that do not overlap much.
 *
 * @param boxes [N]
 * @param scores [N], none NaN
 * @returns indices of what is kept, falling score; equal scores keep index order
 *
 * Overlap is computed in float32 as torchvision does. Two boxes without area do not overlap.
 * torchvision shifts groups apart for few boxes, which rounds coordinates; groups are exact here.
 */
export function nms(
  boxes: Float32Array,
  scores: Float32Array,
  { threshold, groups, limit = Infinity }: NmsOptions,
): Int32Array {
  const areas = boxAreas(boxes);
  const kept: number[] = [];
  const keptOfGroup = new Map<number, number[]>();
  for (const i of highest(scores)) {
    const group = groups === undefined ? 0 : groups[i];
    let rivals = keptOfGroup.get(group);
    if (rivals === undefined) keptOfGroup.set(group, rivals = []);
    if (overlapsAny(boxes, areas, i, rivals, threshold)) continue;
    rivals.push(i);
    kept.push(i);
    if (kept.length >= limit) break;
  }
  return Int32Array.from(kept);
}

function overlapsAny(
  boxes: Float32Array,
  areas: Float32Array,
  i: number,
  rivals: readonly number[],
  threshold: number,
): boolean {
  const [x1, y1, x2, y2] = [boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]];
  const area = areas[i];
  for (let k = 0; k < rivals.length; k++) {
    const r = 4 * rivals[k];
    const w = fround(min(x2, boxes[r + 2]) - max(x1, boxes[r]));
    if (!(w > 0)) continue;
    const h = fround(min(y2, boxes[r + 3]) - max(y1, boxes[r + 1]));
    if (!(h > 0)) continue;
    const shared = fround(w * h);
    if (fround(shared / fround(fround(areas[rivals[k]] + area) - shared)) > threshold) return true;
  }
  return false;
}
