import assert from "node:assert/strict";
import {
  aspectGroup,
  groupedBatches,
  sequentialBatches,
  shuffledBatches,
} from "../../../ml/data/sampler.ts";

const LANDSCAPE = { width: 500, height: 375 };
const PORTRAIT = { width: 375, height: 500 };
const options = { batchSize: 4, seed: 1, epoch: 1 };

Deno.test("aspectGroup() counts the bounds that are not above the ratio", () => {
  assert.equal(aspectGroup(500, 375), 5);
  assert.equal(aspectGroup(375, 500), 2);
  assert.equal(aspectGroup(96, 96), 4);
  assert.equal(aspectGroup(2, 1), 7);
  assert.equal(aspectGroup(1, 2), 1);
  assert.equal(aspectGroup(1, 3), 0);
});

Deno.test("groupedBatches() never mixes groups and gives floor(n / size) full batches", () => {
  const sizes = Array.from({ length: 30 }, (_, i) => i % 3 === 0 ? PORTRAIT : LANDSCAPE);
  for (let epoch = 1; epoch <= 20; epoch++) {
    const batches = groupedBatches(sizes, { ...options, epoch });
    assert.equal(batches.length, 7);
    for (const batch of batches) {
      assert.equal(batch.length, 4);
      assert.equal(new Set([...batch].map((i) => sizes[i])).size, 1);
    }
  }
});

Deno.test("groupedBatches() completes the fullest leftover with images shown before", () => {
  // 6 + 2: one full landscape batch, then 2 landscapes and 2 portraits are left for one more.
  const sizes = [...Array(6).fill(LANDSCAPE), ...Array(2).fill(PORTRAIT)];
  for (let epoch = 1; epoch <= 20; epoch++) {
    const [first, second, ...more] = groupedBatches(sizes, { ...options, epoch });
    assert.equal(more.length, 0);
    assert.equal(new Set(first).size, 4);
    assert.equal(second.length, 4);
    const portraits = [...second].filter((i) => i >= 6).length;
    if (portraits > 0) {
      assert.equal(portraits, 4);
      assert.deepEqual([...second.slice(0, 2)], [...second.slice(2)]);
    } else {
      assert.deepEqual([...second.slice(2)], [...first.slice(0, 2)]);
      assert.ok(!first.includes(second[0]) && !first.includes(second[1]));
    }
  }
});

Deno.test("groupedBatches() repeats a single image until the batch is full", () => {
  const sizes = [PORTRAIT, LANDSCAPE, { width: 10, height: 10 }, { width: 1, height: 9 }];
  const [batch, ...more] = groupedBatches(sizes, options);
  assert.equal(more.length, 0);
  assert.deepEqual([...batch], Array(4).fill(batch[0]));
});

Deno.test("each epoch has an order of its own, the same every time", () => {
  const sizes = Array(40).fill(PORTRAIT);
  const order = (epoch: number, seed = 1) =>
    groupedBatches(sizes, { ...options, epoch, seed }).flatMap((batch) => [...batch]);
  assert.deepEqual(order(3), order(3));
  assert.notDeepEqual(order(3), order(4));
  assert.notDeepEqual(order(3), order(3, 2));
  assert.deepEqual(order(3).sort((a, b) => a - b), sizes.map((_, i) => i));
});

Deno.test("shuffledBatches() keeps or drops a last smaller batch", () => {
  const lengths = (last: "keep" | "drop") =>
    shuffledBatches(10, { ...options, last }).map((batch) => batch.length);
  assert.deepEqual(lengths("keep"), [4, 4, 2]);
  assert.deepEqual(lengths("drop"), [4, 4]);
  const all = shuffledBatches(10, options).flatMap((batch) => [...batch]);
  assert.notDeepEqual(all, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(all.sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("sequentialBatches() goes through in order", () => {
  assert.deepEqual(sequentialBatches(5, 2).map((batch) => [...batch]), [[0, 1], [2, 3], [4]]);
});
