/**
 * How far two answers agree, counted by hand.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Answer } from "../../../ml/predict/answer.ts";
import { agreement as classification } from "../../../ml/predict/agreement/classification.ts";
import { agreement as detection } from "../../../ml/predict/agreement/detection.ts";
import { agreement as segmentation } from "../../../ml/predict/agreement/segmentation.ts";

const NO_PICTURE = { width: 0, height: 0, data: new Uint8Array() };

function answer(found: unknown, classes?: number[]): Answer {
  return {
    found,
    summary: "",
    drawn: NO_PICTURE,
    ...classes && { classMap: { width: 2, height: 2, data: Uint8Array.from(classes) } },
  };
}

function boxes(...all: [label: string, score: number, ...box: number[]][]): Answer {
  return answer(all.map(([label, score, ...box]) => ({ label, score, box })));
}

Deno.test("boxes agree by class and half of their area, each once", () => {
  const count = detection.start(3);
  count.add(
    boxes(
      ["cat", 0.9, 0, 0, 10, 10], // the first of the original
      ["cat", 0.8, 0, 0, 10, 9], // the same again: taken already
      ["dog", 0.7, 20, 20, 30, 30], // there, but a cat
      ["cat", 0.6, 40, 0, 50, 10], // overlaps by a third
    ),
    boxes(
      ["cat", 0.9, 0, 0, 10, 8],
      ["cat", 0.9, 20, 20, 30, 30],
      ["cat", 0.9, 45, 0, 55, 10],
      ["cat", 0.49, 40, 0, 50, 10], // too unsure to be found
    ),
  );
  assert.equal(count.percent(), 100 * 2 / 7);
  count.add(boxes(), boxes(["dog", 0.5, 0, 0, 4, 4]));
  assert.equal(count.percent(), 100 * 2 / 8);
});

Deno.test("a box takes the one that it overlaps most", () => {
  const count = detection.start(2);
  count.add(
    boxes(["cat", 0.9, 0, 0, 10, 10], ["cat", 0.8, 0, 0, 10, 6]),
    boxes(["cat", 0.9, 0, 0, 10, 6], ["cat", 0.8, 0, 0, 10, 10]),
  );
  assert.equal(count.percent(), 100);
});

Deno.test("where nothing is found nothing agrees or disagrees", () => {
  const count = detection.start(2);
  count.add(boxes(["cat", 0.4, 0, 0, 4, 4]), boxes());
  assert.equal(count.percent(), null);
  assert.equal(classification.start(2).percent(), null);
  assert.equal(segmentation.start(2).percent(), null);
});

Deno.test("masks agree by mean intersection over union of the classes that are found", () => {
  const count = segmentation.start(4);
  count.add(answer([], [0, 0, 1, 2]), answer([], [0, 0, 1, 1]));
  // background 2/2, class 1 1/2, class 2 0/1; class 3 is not there
  assert.equal(count.percent(), 50);
});

Deno.test("classes agree by the first choice", () => {
  const count = classification.start(2);
  const said = (...labels: string[]) => answer(labels.map((label) => ({ label, score: 0.5 })));
  count.add(said("cat", "dog"), said("cat", "bird"));
  count.add(said("cat", "dog"), said("dog", "cat"));
  assert.equal(count.percent(), 50);
});
