import assert from "node:assert/strict";
import { didYouMean, nearest } from "../../runner/nearest.ts";

Deno.test("nearest() finds a word with one slip in every three letters", () => {
  assert.equal(nearest("scal", ["blocks", "scale"]), "scale");
  assert.equal(nearest("sclae", ["blocks", "scale"]), "scale");
  assert.equal(nearest("scales", ["blocks", "scale"]), "scale");
  assert.equal(nearest("evaluatoin", ["compare", "evaluate", "evaluation"]), "evaluation");
});

Deno.test("nearest() takes case and separators as no difference", () => {
  assert.equal(nearest("batchSize", ["batch_rate", "batch_size"]), "batch_size");
});

Deno.test("nearest() completes a beginning that only one word has", () => {
  assert.equal(nearest("det", ["det_coco.yaml", "seg_voc.yaml"]), "det_coco.yaml");
  assert.equal(nearest("det", ["det_coco.yaml", "det_bccd.yaml"]), undefined);
});

Deno.test("nearest() proposes nothing that is far away", () => {
  assert.equal(nearest("x", ["blocks", "scale"]), undefined);
  assert.equal(nearest("banana", ["blocks", "scale"]), undefined);
  assert.equal(nearest("scale", []), undefined);
});

Deno.test("didYouMean() asks, or says nothing", () => {
  assert.equal(didYouMean("scal", ["scale"]), 'did you mean "scale"?');
  assert.equal(didYouMean("banana", ["scale"]), undefined);
});

Deno.test("nearest() never proposes a word that has nothing in common", () => {
  assert.equal(nearest("b", ["a"]), undefined);
  assert.equal(nearest("h", ["hr"]), "hr");
});
