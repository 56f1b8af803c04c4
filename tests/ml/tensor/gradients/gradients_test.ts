import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { hardSwish } from "../../../../ml/nn/layers.ts";
import { addMaps } from "../../../../ml/tensor/ops/add_maps.ts";
import { biasAdd } from "../../../../ml/tensor/ops/bias_add.ts";
import { testWithBackend as test } from "../../../helpers/with_backend.ts";
import { assertGradient, randomTensor } from "./numeric.ts";

test("The gradient of depthToSpace() agrees with difference quotients", async () => {
  await assertGradient((x) => tf.depthToSpace(x, 2, "NHWC"), randomTensor("x", [2, 2, 3, 8]));
  await assertGradient((x) => tf.depthToSpace(x, 4, "NHWC"), randomTensor("x", [1, 2, 1, 48]));
});

test("The gradient of biasAdd() agrees with difference quotients", async () => {
  const x = randomTensor("x", [2, 2, 3, 4]);
  const bias = randomTensor("bias", [1, 1, 1, 4]);
  assert.deepEqual(
    [...await biasAdd(x, tf.reshape(bias, [4])).data()],
    [...await tf.add(x, bias).data()],
  );
  await assertGradient((x) => biasAdd(x, tf.reshape(bias, [4])), x);
  await assertGradient((bias) => biasAdd(x, tf.reshape(bias, [4])), bias);
});

test("The gradient of addMaps() reaches both and may be added to", async () => {
  const y = randomTensor("y", [1, 2, 2, 1]);
  await assertGradient((x) => addMaps(tf.mul(x, 2), x), y);
  await assertGradient(
    (x) => addMaps(addMaps(x, y), tf.mul(x, y)),
    randomTensor("x", [1, 2, 2, 1]),
  );
  assert.throws(() => addMaps(y, randomTensor("z", [1, 1, 1, 1])), {
    name: "RangeError",
    message: "Cannot add [1,2,2,1] and [1,1,1,1]: expected equal shapes",
  });
});

test("The gradient of hardSwish() agrees with difference quotients", async () => {
  // Away from the kinks at -3 and 3.
  const x = tf.tensor4d([-5, -3.5, -2, -1, 0, 0.5, 2, 2.9, 3.2, 7], [1, 1, 2, 5]);
  await assertGradient(hardSwish, x, { step: 1e-2, tolerance: 1e-3 });
});

test("The gradient of relu() agrees with difference quotients and is 0 at 0", async () => {
  await assertGradient((x) => tf.relu(x), randomTensor("x", [1, 4, 4, 2]), {
    step: 1e-3,
    tolerance: 2e-3,
  });
  const gradient = tf.grad((x) => tf.relu(x))(tf.tensor1d([-1, 0, 1]));
  assert.deepEqual([...await gradient.data()], [0, 0, 1]);
});

for (const mode of ["reflect", "symmetric"] as const) {
  test(`The gradient of mirrorPad(${mode}) agrees with difference quotients`, async () => {
    const pad = (x: tf.Tensor4D) => tf.mirrorPad(x, [[0, 0], [2, 1], [0, 2], [0, 0]], mode);
    await assertGradient(pad, randomTensor("x", [2, 3, 4, 2]));
  });
}

for (const [alignCorners, halfPixelCenters] of [[false, true], [true, false], [false, false]]) {
  const variant = alignCorners ? "corners" : halfPixelCenters ? "half pixels" : "legacy";
  test(`The gradient of resizeBilinear() by ${variant} agrees with difference quotients`, async () => {
    const resize = (size: [number, number]) => (x: tf.Tensor4D) =>
      tf.image.resizeBilinear(x, size, alignCorners, halfPixelCenters);
    await assertGradient(resize([7, 5]), randomTensor("x", [2, 4, 3, 2])); // larger
    await assertGradient(resize([2, 3]), randomTensor("x", [1, 5, 4, 2])); // smaller
    await assertGradient(resize([3, 4]), randomTensor("x", [1, 3, 4, 1])); // the same
  });
}

test("The gradient of cropAndResize() agrees with difference quotients, outside too", async () => {
  const boxes = tf.tensor2d([
    [0.1, 0.2, 0.7, 0.9],
    [-0.5, -0.3, 0.4, 1.4], // partly outside: those samples are constant
    [0.8, 0.6, 0.2, 0.1], // mirrored
    [0, 0, 1, 1],
  ]);
  const crop = (size: [number, number]) => (x: tf.Tensor4D) =>
    tf.image.cropAndResize(x, boxes, tf.tensor1d([0, 1, 1, 0], "int32"), size, "bilinear", 3);
  await assertGradient(crop([3, 4]), randomTensor("x", [2, 4, 5, 2]));
  await assertGradient(crop([1, 2]), randomTensor("x", [2, 4, 5, 1]));
});

test("The gradient of a nearest crop is refused by name", async () => {
  const crop = (x: tf.Tensor) =>
    tf.image.cropAndResize(
      x as tf.Tensor4D,
      tf.tensor2d([[0, 0, 1, 1]]),
      tf.tensor1d([0], "int32"),
      [2, 2],
      "nearest",
    );
  await Promise.resolve();
  assert.throws(() => tf.grad(crop)(randomTensor("x", [1, 4, 4, 1])), {
    name: "RangeError",
    message: 'Cannot differentiate CropAndResize by "nearest": only bilinear',
  });
});

for (const pad of ["same", "valid"] as const) {
  test(`Gradients of dilated convolutions (${pad}) agree with difference quotients`, async () => {
    const x = randomTensor("x", [1, 7, 6, 2]);
    const filter = randomTensor("filter", [3, 3, 2, 2]);
    const conv = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2d(x, filter, 1, pad, "NHWC", 2);
    await assertGradient((x) => conv(x, filter), x);
    await assertGradient((filter) => conv(x, filter), filter);
  });

  test(`Gradients of dilated depthwise convolutions (${pad}) agree with difference quotients`, async () => {
    const x = randomTensor("x", [2, 8, 7, 3]);
    const filter = randomTensor("filter", [3, 3, 3, 1]);
    const conv = (x: tf.Tensor4D, filter: tf.Tensor4D) =>
      tf.depthwiseConv2d(x, filter, 1, pad, "NHWC", 2);
    await assertGradient((x) => conv(x, filter), x);
    await assertGradient((filter) => conv(x, filter), filter);
  });
}

for (const dilation of [3, 5, 8]) {
  test(`Gradients of a filter wider than its map (dilation ${dilation}) agree with difference quotients`, async () => {
    const x = randomTensor("x", [2, 5, 4, 2]);
    const filter = randomTensor("filter", [3, 3, 2, 3]);
    const conv = (x: tf.Tensor4D, filter: tf.Tensor4D) =>
      tf.conv2d(x, filter, 1, "same", "NHWC", dilation);
    await assertGradient((x) => conv(x, filter), x);
    await assertGradient((filter) => conv(x, filter), filter);
    const before = tf.memory().numTensors;
    tf.dispose(tf.grads((x, filter) => conv(x as tf.Tensor4D, filter as tf.Tensor4D))([x, filter]));
    assert.equal(tf.memory().numTensors, before);
  });
}

test("Convolutions without dilation keep tfjs's gradients", async () => {
  const x = randomTensor("x", [1, 5, 6, 2]);
  const filter = randomTensor("filter", [3, 3, 2, 3]);
  await assertGradient((x) => tf.conv2d(x, filter, 2, "valid"), x);
  await assertGradient((filter) => tf.conv2d(x, filter, 2, "valid"), filter);
});

test("Gradients leave no tensors behind", () => {
  const x = randomTensor("x", [1, 6, 6, 4]);
  const boxes = tf.tensor2d([[0.1, 0.2, 0.7, 0.9]]);
  const image = tf.tensor1d([0], "int32");
  const f = (x: tf.Tensor) => {
    const padded = tf.mirrorPad(x as tf.Tensor4D, [[0, 0], [1, 1], [1, 1], [0, 0]], "symmetric");
    const cropped = tf.image.cropAndResize(padded, boxes, image, [4, 4]);
    const resized = tf.image.resizeBilinear(cropped, [6, 6], false, true);
    return tf.sum(tf.relu(tf.depthToSpace(resized, 2, "NHWC")));
  };
  tf.dispose(tf.grad(f)(x));
  const before = tf.memory().numTensors;
  tf.dispose(tf.grad(f)(x));
  assert.equal(tf.memory().numTensors, before);
});
