/**
 * Detection: boxes with names and scores.
 *
 * @module
 */
import type { DetectionBatch } from "../../data/detection_batches.ts";
import { drawMarks, type Ink, inkSize } from "../../image/draw.ts";
import { classColour } from "../../evaluation/class_colours.ts";
import type { DetectionNet } from "../../tasks/detection.ts";
import type { Answering } from "../answer.ts";

/** Boxes with a lower score are listed, not drawn. */
const SHOWN_SCORE = 0.5;

/** What `ml/predict/tasks/<task>.ts` exports. */
export const answering: Answering<DetectionBatch, DetectionNet> = {
  window: false,
  async answer({ detector }, { picture, images, classes, zoom }) {
    const { width, height } = picture;
    const [{ boxes, scores, labels }] = await detector.detect(images, [[height, width]]);
    const found = Array.from(scores, (score, i) => ({
      label: classes[labels[i]],
      score,
      /** x1, y1, x2, y2 in pixels of the SR picture. */
      box: Array.from(boxes.subarray(4 * i, 4 * i + 4), (v) => v * zoom),
    }));
    const shown = [...scores.keys()].filter((i) => scores[i] >= SHOWN_SCORE);
    const marks = shown.reverse().map((i) => ({ // the best ones on top
      box: boxes.subarray(4 * i, 4 * i + 4),
      text: `${classes[labels[i]]} ${scores[i].toFixed(2)}`,
      ink: brightInk(labels[i]),
    }));
    return {
      found,
      summary: shown.length === 0
        ? `nothing with a score of ${SHOWN_SCORE} or more`
        : `${shown.length} found`,
      drawn: drawMarks(picture, marks, inkSize(picture)),
    };
  },
};

/** Dark colours would not show on dark ground. */
function brightInk(label: number): Ink {
  const [r, g, b] = classColour(label).map((v) => 127 + v / 2);
  return [r, g, b];
}
