/**
 * Segmentation: a class for every pixel, as colours over the picture.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { SegmentationBatch } from "../../data/segmentation_batches.ts";
import { drawBars, inkSize } from "../../image/draw.ts";
import type { Picture } from "../../image/picture.ts";
import { classColour, paintClasses } from "../../evaluation/class_colours.ts";
import type { SegmentationNet } from "../../tasks/segmentation.ts";
import type { Answering } from "../answer.ts";

/** Share of the colour; the rest is the picture. */
const OPACITY = 0.55;

/** What `ml/predict/tasks/<task>.ts` exports. */
export const answering: Answering<SegmentationBatch, SegmentationNet> = {
  window: false,
  async answer({ segmenter }, { picture, images, classes }) {
    const { width, height } = picture;
    const labels = tf.tidy(() => tf.argMax(segmenter.logits(images, "eval").out, 3));
    const data = Uint8Array.from(await labels.data()); // [height, width]
    labels.dispose();
    const counts = new Map<number, number>();
    for (const label of data) counts.set(label, (counts.get(label) ?? 0) + 1);
    const found = [...counts]
      .map(([label, count]) => ({ label, class: classes[label], share: count / data.length }))
      .sort((a, b) => b.share - a.share || a.label - b.label);
    const bars = found.map(({ label, class: text, share }) => ({
      text,
      share,
      ink: classColour(label),
    }));
    return {
      found,
      summary: found.map((one) => `${one.class} ${percent(one.share)}`).join(", "),
      drawn: drawBars(
        blend(picture, paintClasses(data, width, height)),
        bars,
        inkSize(picture),
      ),
      classMap: { width, height, data },
    };
  },
};

/** Black, which the background is painted in, leaves the picture as it is. */
function blend(picture: Picture, { data: colours }: Picture): Picture {
  const data = picture.data.slice();
  for (let i = 0; i < data.length; i += 3) {
    if (colours[i] + colours[i + 1] + colours[i + 2] === 0) continue;
    for (let c = i; c < i + 3; c++) data[c] += Math.round(OPACITY * (colours[c] - data[c]));
  }
  return { ...picture, data };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
