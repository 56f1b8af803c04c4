import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { countMacs, watchPass } from "../../../ml/cost/multiplications.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

testWithBackend("A pass costs what its kernels multiply", async () => {
  const x: tf.Tensor4D = tf.ones([1, 8, 6, 3]);
  const cost = await watchPass(async () => {
    const y = tf.tidy(() => {
      const conv = tf.conv2d(x, tf.ones<tf.Rank.R4>([3, 3, 3, 5]), 2, "same"); // [1, 4, 3, 5]
      const depthwise = tf.depthwiseConv2d(conv, tf.ones<tf.Rank.R4>([3, 3, 5, 1]), 1, "same");
      const cells = tf.reshape(tf.relu(depthwise), [12, 5]);
      const linear = tf.matMul(cells, tf.ones([5, 7])); // [12, 7]
      return tf.matMul(linear, linear, true); // [7, 7] over 12
    });
    await y.data();
    y.dispose();
  });
  assert.deepEqual(cost.macs, {
    convolutions: 4 * 3 * 5 * (3 * 3 * 3),
    depthwise: 4 * 3 * 5 * (3 * 3),
    products: 12 * 7 * 5 + 7 * 7 * 12,
  });
  x.dispose();
});

testWithBackend("The fullest moment of a pass counts, with what was there before", async () => {
  const there = tf.zeros([256]);
  const before = tf.memory().numBytes;
  const { peakBytes } = await watchPass(async () => {
    tf.tidy(() => {
      const large = tf.add(tf.zeros([1024]), 1); // its parts are there at once: 2 · 4096 bytes
      return tf.sum(large);
    }).dispose();
    await Promise.resolve();
  });
  assert.ok(peakBytes >= before + 8192 && peakBytes < before + 8192 + 1024, `${peakBytes}`);
  there.dispose();
});

testWithBackend("Watching leaves tfjs's own checks as they were", async () => {
  for (const checks of [true, false]) {
    tf.env().set("CHECK_COMPUTATION_FOR_ERRORS", checks);
    await assert.rejects(watchPass(() => Promise.reject(new Error("broken"))), /broken/);
    assert.equal(tf.env().getBool("CHECK_COMPUTATION_FOR_ERRORS"), checks);
  }
});

Deno.test("Fused kernels count like the plain ones, all others for nothing", () => {
  const conv = { inputShapes: [[1, 4, 4, 2], [3, 3, 2, 8], [8]], outputShapes: [[1, 4, 4, 8]] };
  const product = { inputShapes: [[2, 5, 3], [2, 3, 4], null], outputShapes: [[2, 5, 4]] };
  assert.deepEqual(
    countMacs([
      { name: "FusedConv2D", ...conv },
      { name: "_FusedMatMul", ...product },
      { name: "Multiply", ...product },
      { name: "unnamed scope", ...conv },
    ]),
    { convolutions: 4 * 4 * 8 * 18, depthwise: 0, products: 2 * 5 * 4 * 3 },
  );
});

Deno.test("A kernel that multiplies and is not known is not taken for nothing", () => {
  assert.throws(() => countMacs([{ name: "Conv3D", inputShapes: [], outputShapes: [[1]] }]), {
    name: "RangeError",
    message: "Cannot count Conv3D: expected one of Conv2D, FusedConv2D, DepthwiseConv2dNative, " +
      "FusedDepthwiseConv2D, BatchMatMul, _FusedMatMul",
  });
});
