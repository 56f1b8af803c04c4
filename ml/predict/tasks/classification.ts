/**
 * Classification: the likeliest classes as bars.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ClassificationBatch } from "../../data/classification_batches.ts";
import { drawBars, type Ink, inkSize } from "../../image/draw.ts";
import type { ClassificationNet } from "../../tasks/classification.ts";
import type { Answering } from "../answer.ts";

/** Classes that are listed. */
const CHOICES = 5;

const BEST: Ink = [11, 122, 117], OTHER: Ink = [169, 184, 191];

/** What `ml/predict/tasks/<task>.ts` exports. */
export const answering: Answering<ClassificationBatch, ClassificationNet> = {
  window: true,
  async answer({ classifier }, { picture, images, classes }) {
    const chances = tf.tidy(() => tf.softmax(classifier.logits(images, "eval"))); // [1, K]
    const scores = await chances.data();
    chances.dispose();
    const found = Array.from(scores, (score, i) => ({ label: classes[i], score }))
      .sort((a, b) => b.score - a.score)
      .slice(0, CHOICES);
    const bars = found.map(({ label, score }, i) => ({
      text: label,
      share: score,
      ink: i === 0 ? BEST : OTHER,
    }));
    return {
      found,
      summary: `${found[0].label} ${found[0].score.toFixed(2)}`,
      drawn: drawBars(picture, bars, inkSize(picture)),
    };
  },
};
