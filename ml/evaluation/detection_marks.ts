/**
 * Which boxes of one image to draw, and whether they are right.
 *
 * @module
 */
import type { DetectionSample } from "../data/detection_dataset.ts";
import type { Detections, DetectionTarget } from "../nn/contracts.ts";
import { pairwiseIou } from "../tensor/ops/boxes.ts";
import type { Mark, MarkedImage } from "./scoring.ts";

/** Detections with a lower score are not drawn; they count in average precision all the same. */
const SHOWN_SCORE = 0.5;
/** COCO's most lenient threshold. */
const RIGHT_IOU = 0.5;

/**
 * A detection is right if its class is, and it covers an object that no better detection has taken
 * with an intersection over union of 0.5 or more. Objects without a right detection are missed.
 *
 * @param classes [K] names, background first
 */
export function markImage(
  sample: Pick<DetectionSample, "file"> & DetectionTarget,
  { boxes, scores, labels }: Detections,
  classes: readonly string[],
): MarkedImage {
  const objects = sample.labels.length;
  const overlaps = pairwiseIou(boxes, sample.boxes); // [N · objects]
  const taken = new Set<number>();
  const found: Mark[] = [];
  scores.forEach((score, i) => {
    if (score < SHOWN_SCORE) return;
    let best = -1;
    let bestOverlap = RIGHT_IOU;
    for (let j = 0; j < objects; j++) {
      const overlap = overlaps[i * objects + j];
      if (sample.labels[j] !== labels[i] || taken.has(j) || overlap < bestOverlap) continue;
      best = j;
      bestOverlap = overlap;
    }
    if (best >= 0) taken.add(best);
    found.push({
      box: boxAt(boxes, i),
      label: classes[labels[i]],
      score,
      kind: best < 0 ? "wrong" : "right",
    });
  });
  const truth = Array.from(sample.labels, (label, j): Mark => ({
    box: boxAt(sample.boxes, j),
    label: classes[label],
    kind: "truth",
  }));
  const missed = truth.filter((_, j) => !taken.has(j))
    .map((mark): Mark => ({ ...mark, kind: "missed" }));
  return {
    name: sample.file.replace(/^.*\//, ""),
    truth,
    found: [...missed, ...found],
  };
}

function boxAt(boxes: Float32Array, i: number): Mark["box"] {
  return [boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]];
}
