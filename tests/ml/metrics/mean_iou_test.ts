import assert from "node:assert/strict";
import { ConfusionMatrix } from "../../../ml/metrics/mean_iou.ts";

Deno.test("a confusion matrix has the truth in rows; labels outside do not count", () => {
  const confusion = new ConfusionMatrix(2);
  confusion.add([0, 0, 0, 1, 255, 2], [0, 0, 1, 1, 0, 1]);
  confusion.add(Uint8Array.of(1), Int32Array.of(0));
  assert.deepEqual(confusion.rows(), [[2, 1], [1, 1]]);
  assert.deepEqual(confusion.scores(), {
    perClass: [2 / 4, 1 / 3],
    mean: (2 / 4 + 1 / 3) / 2,
    meanOfPresent: (2 / 4 + 1 / 3) / 2,
    pixelAccuracy: 3 / 5,
  });
});

Deno.test("a class that is predicted only has no intersection; one that never occurs has none to have", () => {
  const confusion = new ConfusionMatrix(3);
  confusion.add([0, 0], [0, 1]);
  assert.deepEqual(confusion.scores(), {
    perClass: [0.5, 0, NaN],
    mean: NaN,
    meanOfPresent: 0.25,
    pixelAccuracy: 0.5,
  });
});

Deno.test("without pixels there is no score", () => {
  const { mean, meanOfPresent, pixelAccuracy } = new ConfusionMatrix(2).scores();
  assert.deepEqual([mean, meanOfPresent, pixelAccuracy], [NaN, NaN, NaN]);
});

Deno.test("as many predictions as labels are expected", () => {
  assert.throws(() => new ConfusionMatrix(2).add([0, 1], [0]), {
    name: "RangeError",
    message: "Cannot compare 2 pixels with 1: expected as many",
  });
});
