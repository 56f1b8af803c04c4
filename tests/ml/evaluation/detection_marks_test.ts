import assert from "node:assert/strict";
import { markImage } from "../../../ml/evaluation/detection_marks.ts";

const CLASSES = ["background", "cat", "dog"];
const SAMPLE = {
  file: "data/images/a.png",
  boxes: Float32Array.of(0, 0, 10, 10, 20, 0, 30, 10),
  labels: Int32Array.of(1, 2),
};

function kinds(boxes: number[], scores: number[], labels: number[]) {
  const { found } = markImage(SAMPLE, {
    boxes: Float32Array.from(boxes),
    scores: Float32Array.from(scores),
    labels: Int32Array.from(labels),
  }, CLASSES);
  return found.map(({ label, kind }) => [label, kind]);
}

Deno.test("a found box is right if its class is and it covers half of both", () => {
  assert.deepEqual(kinds([0, 0, 10, 8, 20, 0, 30, 10], [0.9, 0.8], [1, 2]), [
    ["cat", "right"],
    ["dog", "right"],
  ]);
  assert.deepEqual(kinds([0, 0, 10, 4], [0.9], [1]), [
    ["cat", "missed"],
    ["dog", "missed"],
    ["cat", "wrong"],
  ]);
  assert.deepEqual(kinds([0, 0, 10, 10], [0.9], [2]), [
    ["cat", "missed"],
    ["dog", "missed"],
    ["dog", "wrong"],
  ]);
});

Deno.test("an object is found once", () => {
  assert.deepEqual(kinds([0, 0, 10, 9, 0, 0, 10, 10], [0.9, 0.8], [1, 1]), [
    ["dog", "missed"],
    ["cat", "right"],
    ["cat", "wrong"],
  ]);
});

Deno.test("what the detector hardly believes is not drawn", () => {
  assert.deepEqual(kinds([0, 0, 10, 10], [0.49], [1]), [["cat", "missed"], ["dog", "missed"]]);
});

Deno.test("truth and name are those of the dataset", () => {
  const none = { boxes: new Float32Array(), scores: new Float32Array(), labels: new Int32Array() };
  const { name, truth } = markImage(SAMPLE, none, CLASSES);
  assert.equal(name, "a.png");
  assert.deepEqual(truth, [
    { box: [0, 0, 10, 10], label: "cat", kind: "truth" },
    { box: [20, 0, 30, 10], label: "dog", kind: "truth" },
  ]);
});
