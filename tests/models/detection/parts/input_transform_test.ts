import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import {
  inputTransform,
  resizeBoxes,
  resizedSize,
} from "../../../../models/detection/parts/input_transform.ts";
import { testWithBackend } from "../../../helpers/with_backend.ts";

Deno.test("resizedSize() rounds in float32 as the original does", () => {
  const limits = { min_size: 800, max_size: 1333 };
  assert.deepEqual(resizedSize([375, 500], limits), [799, 1066]);
  assert.deepEqual(resizedSize([333, 500], limits), [800, 1201]);
  assert.deepEqual(resizedSize([332, 500], limits), [799, 1204]);
  assert.deepEqual(resizedSize([281, 500], limits), [749, 1333]);
});

Deno.test("resizedSize() can round as if numbers were exact", () => {
  const limits = { min_size: 800, max_size: 1333, size_rounding: "float64" } as const;
  assert.deepEqual(resizedSize([375, 500], limits), [800, 1066]);
  assert.deepEqual(resizedSize([332, 500], limits), [800, 1204]);
  assert.deepEqual(resizedSize([281, 500], limits), [749, 1333]);
});

Deno.test("resizeBoxes() scales each axis by its own ratio and leaves equal sizes alone", () => {
  const boxes = Float32Array.of(1, 2, 3, 4);
  assert.deepEqual([...resizeBoxes(boxes, [10, 20], [20, 60])], [3, 4, 9, 8]);
  assert.equal(resizeBoxes(boxes, [10, 20], [10, 20]), boxes);
});

const options = { mean: [0.5, 0.25, 0], std: [0.5, 1, 2], divisor: 4 };

testWithBackend("inputTransform() normalises each channel and pads with zeros", async () => {
  const transform = inputTransform(options);
  const image = tf.tile(tf.tensor4d([1, 1, 1], [1, 1, 1, 3]), [1, 3, 5, 1]) as tf.Tensor4D;
  const { images, sizes } = transform(image, [[3, 5]]);
  assert.deepEqual(images.shape, [1, 4, 8, 3]);
  assert.deepEqual(sizes, [[3, 5]]);
  const values = await images.array();
  assert.deepEqual(values[0][2][4], [1, 0.75, 0.5]);
  assert.deepEqual(values[0][3][4], [0, 0, 0]);
  assert.deepEqual(values[0][2][5], [0, 0, 0]);
});

testWithBackend("inputTransform() cuts off what lies outside an image", async () => {
  const transform = inputTransform(options);
  const batch = tf.ones([2, 4, 4, 3]) as tf.Tensor4D;
  const { images, sizes } = transform(batch, [[4, 4], [2, 3]]);
  assert.deepEqual(sizes, [[4, 4], [2, 3]]);
  const values = await images.array();
  assert.deepEqual(values[1][1].map(([red]) => red), [1, 1, 1, 0]);
  assert.deepEqual(values[1][2].map(([red]) => red), [0, 0, 0, 0]);
  assert.deepEqual(values[0][3].map(([red]) => red), [1, 1, 1, 1]);
});

testWithBackend(
  "inputTransform() resizes equal images together as it does one by one",
  async () => {
    const transform = inputTransform({ ...options, resize: { min_size: 6, max_size: 20 } });
    const batch = tf.randomUniform([2, 4, 5, 3], 0, 1, "float32", 3) as tf.Tensor4D;
    const together = transform(batch, [[4, 5], [4, 5]]);
    assert.deepEqual(together.sizes, [[6, 7], [6, 7]]);
    assert.deepEqual(together.images.shape, [2, 8, 8, 3]);
    const alone = transform(tf.slice(batch, [1, 0, 0, 0], [1, 4, 5, 3]), [[4, 5]]);
    const second = tf.slice(together.images, [1, 0, 0, 0], [1, 8, 8, 3]);
    assert.deepEqual([...await second.data()], [...await alone.images.data()]);
  },
);
