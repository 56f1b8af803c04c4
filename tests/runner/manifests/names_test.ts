import assert from "node:assert/strict";
import fc from "fast-check";
import { jobName } from "../../../runner/manifests/names.ts";

Deno.test("a job's name tells pipeline and stage, and ends with what tells it apart", () => {
  assert.match(jobName(["det_coco", "train/EDSR/4"], 1), /^det-coco-train-edsr-4-[0-9a-f]{10}$/);
  assert.match(jobName(["--", "ж"], 1), /^stage-[0-9a-f]{10}$/);
});

Deno.test("any words become a label of DNS, another one for other content", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.jsonValue(), (words, it) => {
    const name = jobName(words, it);
    assert.match(name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    assert.equal(jobName(words, structuredClone(it)), name);
    assert.notEqual(jobName(words, [it]), name);
  }));
});

Deno.test("words too long for a label leave room for what tells it apart", () => {
  const names = [1, 2].map((it) => jobName(["x".repeat(51) + "/" + "y".repeat(99)], it));
  assert.deepEqual(names.map((name) => name.length), [62, 62]); // no dash before the digest's dash
  assert.notEqual(names[0], names[1]);
});
