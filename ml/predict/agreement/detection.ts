/**
 * Detection: which boxes of two answers are the same objects.
 *
 * @module
 */
import { pairwiseIou } from "../../tensor/ops/boxes.ts";
import type { Agreement } from "../agreement.ts";

/** What counts as found, as in the pictures, and how far boxes of one object must overlap. */
const LEAST_SCORE = 0.5, LEAST_IOU = 0.5;

/** One of `Answer.found`. */
interface FoundBox {
  label: string;
  score: number;
  /** x1, y1, x2, y2 in pixels. */
  box: number[];
}

/** What `ml/predict/agreement/<task>.ts` exports. */
export const agreement: Agreement = {
  name: "F1",
  meaning: "Of the boxes that T finds in either picture, with a score of " + LEAST_SCORE +
    ` or more, how many have a partner in the other, in percent: of the same class, with an IoU of ` +
    `${LEAST_IOU} or more, one for each.`,
  start() {
    let [same, all] = [0, 0];
    return {
      add(shown, original) {
        const [a, b] = [shown, original].map(boxesOf);
        same += pairs(a, b);
        all += a.length + b.length;
      },
      percent: () => all === 0 ? null : 100 * 2 * same / all,
    };
  },
};

function boxesOf({ found }: { found: unknown }): FoundBox[] {
  return (found as FoundBox[]).filter(({ score }) => score >= LEAST_SCORE);
}

/** Boxes of `a`, in falling score order, each take the free box of `b` that they overlap most. */
function pairs(a: readonly FoundBox[], b: readonly FoundBox[]): number {
  const overlaps = pairwiseIou(...[a, b].map(flat) as [Float32Array, Float32Array]);
  const free = new Set(b.keys());
  let count = 0;
  for (const [i, { label }] of a.entries()) {
    const overlap = (j: number) => overlaps[i * b.length + j];
    const [best] = [...free].filter((j) => b[j].label === label && overlap(j) >= LEAST_IOU)
      .sort((j, k) => overlap(k) - overlap(j));
    if (best === undefined) continue;
    free.delete(best);
    count++;
  }
  return count;
}

function flat(boxes: readonly FoundBox[]): Float32Array {
  return Float32Array.from(boxes.flatMap(({ box }) => box));
}
