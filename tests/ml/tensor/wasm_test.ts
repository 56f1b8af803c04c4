import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../ml/tensor/backend.ts";
import { stream } from "../../../ml/tensor/random.ts";

type Four = [number, number, number, number];

interface Case {
  name: string;
  x: Four;
  /** [kh, kw, C, out], depthwise [kh, kw, C, multiplier] */
  filter: Four;
  stride: number | [number, number];
  pad: "same" | "valid";
  /** Default 1. */
  dilation?: number;
}

const CASES: Case[] = [
  { name: "3x3, same", x: [2, 5, 4, 3], filter: [3, 3, 3, 2], stride: 1, pad: "same" },
  { name: "3x3, valid", x: [1, 5, 6, 2], filter: [3, 3, 2, 4], stride: 1, pad: "valid" },
  { name: "1x1, stride 2", x: [2, 6, 5, 2], filter: [1, 1, 2, 3], stride: 2, pad: "valid" },
  { name: "3x3, stride 2, same", x: [1, 6, 7, 2], filter: [3, 3, 2, 2], stride: 2, pad: "same" },
  {
    name: "5x3, strides 3 and 2",
    x: [1, 9, 8, 1],
    filter: [5, 3, 1, 2],
    stride: [3, 2],
    pad: "same",
  },
  {
    name: "rows that no filter reaches",
    x: [1, 8, 8, 1],
    filter: [2, 2, 1, 1],
    stride: 3,
    pad: "valid",
  },
  {
    name: "3x3, dilation 2",
    x: [2, 9, 8, 3],
    filter: [3, 3, 3, 2],
    stride: 1,
    pad: "same",
    dilation: 2,
  },
  {
    name: "3x3, dilation 4",
    x: [1, 5, 6, 2],
    filter: [3, 3, 2, 2],
    stride: 1,
    pad: "same",
    dilation: 4,
  },
];

function noise(shape: number[], purpose: string): tf.Tensor {
  const random = stream(1, purpose);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(Float32Array.from({ length: size }, () => random.normal()), shape);
}

/**
 * Gradients of sum(weight · conv(x, filter)) by loops over the definition.
 *
 * @param link output channel → input channel and filter index it is made of
 */
function slowGradients(
  x: tf.Tensor,
  filter: tf.Tensor,
  dy: tf.Tensor,
  [sh, sw]: [number, number],
  [top, left]: [number, number],
  dilation: number,
  depthwise: boolean,
) {
  const [B, H, W, C] = x.shape;
  const [kh, kw, , M] = filter.shape;
  const [, oh, ow, K] = dy.shape;
  const [xs, fs, gs] = [x.dataSync(), filter.dataSync(), dy.dataSync()];
  const [dx, df] = [new Float32Array(xs.length), new Float32Array(fs.length)];
  for (let b = 0; b < B; b++) {
    for (let y = 0; y < oh * ow * K; y++) {
      const [row, column, k] = [Math.floor(y / (ow * K)), Math.floor(y / K) % ow, y % K];
      const channels = depthwise ? [Math.floor(k / M)] : Array.from({ length: C }, (_, c) => c);
      for (let t = 0; t < kh * kw; t++) {
        const [i, j] = [Math.floor(t / kw), t % kw];
        const [h, w] = [
          row * sh + i * dilation - top,
          column * sw + j * dilation - left,
        ];
        if (h < 0 || h >= H || w < 0 || w >= W) continue;
        for (const c of channels) {
          const from = ((b * H + h) * W + w) * C + c;
          const tap = (t * C + c) * M + (depthwise ? k % M : k);
          const g = gs[b * oh * ow * K + y];
          dx[from] += g * fs[tap];
          df[tap] += g * xs[from];
        }
      }
    }
  }
  return { dx, df };
}

function assertClose(actual: tf.Tensor, expected: Float32Array, what: string): void {
  const values = actual.dataSync();
  assert.equal(values.length, expected.length, what);
  values.forEach((value, i) => {
    const error = Math.abs(value - expected[i]);
    assert.ok(error < 1e-4, `${what}[${i}]: expected ${expected[i]}, found ${value}`);
  });
}

async function checkGradients(t: Deno.TestContext, depthwise: boolean): Promise<void> {
  await startBackend({ backend: "wasm" });
  for (const { name, x: xShape, filter: filterShape, stride, pad, dilation = 1 } of CASES) {
    await t.step(name, () => {
      const [x, filter] = [noise(xShape, "x"), noise(filterShape, "filter")];
      const conv = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
        depthwise
          ? tf.depthwiseConv2d(
            x as tf.Tensor4D,
            filter as tf.Tensor4D,
            stride,
            pad,
            "NHWC",
            dilation,
          )
          : tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad, "NHWC", dilation);
      const dy = noise(conv(x, filter).shape, "dy");
      const [dx, df] = tf.grads(conv)([x, filter], dy);
      const info = tf.backend_util.computeConv2DInfo(
        xShape,
        filterShape,
        stride,
        dilation,
        pad,
        undefined,
        depthwise,
      );
      const { top, left } = info.padInfo;
      const strides: [number, number] = [info.strideHeight, info.strideWidth];
      const slow = slowGradients(x, filter, dy, strides, [top, left], dilation, depthwise);
      assert.deepEqual(dx.shape, xShape);
      assert.deepEqual(df.shape, filterShape);
      assertClose(dx, slow.dx, "dx");
      assertClose(df, slow.df, "dfilter");
    });
  }
}

Deno.test("wasm differentiates convolutions as the definition says", (t) =>
  checkGradients(t, false));

Deno.test("wasm differentiates depthwise convolutions as the definition says", (t) =>
  checkGradients(t, true));

Deno.test("wasm differentiates look-ups: rows met twice add up, others get nothing", async () => {
  await startBackend({ backend: "wasm" });
  const table = noise([4, 2], "table");
  const gradient = tf.grad((table) => tf.gather(table, tf.tensor1d([2, 0, 2], "int32")))(
    table,
    tf.tensor2d([[1, 2], [3, 4], [5, 6]]),
  );
  assert.deepEqual([...gradient.dataSync()], [3, 4, 0, 0, 6, 8, 0, 0]);
});

Deno.test("wasm sums segments: negative numbers are left out, too large ones are an error", async () => {
  await startBackend({ backend: "wasm" });
  const x = tf.tensor2d([[1, 2], [3, 4], [5, 6]]);
  const sum = tf.unsortedSegmentSum(x, tf.tensor1d([1, -1, 1], "int32"), 2);
  assert.deepEqual([...sum.dataSync()], [0, 0, 6, 8]);
  assert.throws(() => tf.unsortedSegmentSum(x, tf.tensor1d([0, 1, 2], "int32"), 2), {
    name: "RangeError",
    message: "Cannot add row 2 to segment 2: there are 2",
  });
});

Deno.test("wasm gives a max pool's gradient to the first of the largest cells", async (t) => {
  await startBackend({ backend: "wasm" });
  const x = tf.tensor4d([1, 5, 5, 2, 7, 3, 0, 0, 9, 0, 4, 4, 8, 6, 2, 2], [2, 4, 2, 1]);
  const pool = (size: number, stride: number, pad: "same" | "valid") =>
    tf.grad((x) => tf.maxPool(x as tf.Tensor4D, size, stride, pad));
  await t.step("windows side by side", () => {
    const dx = pool(2, 2, "valid")(x, tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]));
    assert.deepEqual([...dx.dataSync()], [0, 1, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]);
  });
  await t.step("windows that overlap and reach over the edge", () => {
    const dx = pool(3, 1, "same")(x, tf.ones([2, 4, 2, 1]));
    assert.deepEqual([...dx.dataSync()], [0, 2, 0, 0, 6, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0]);
  });
  await t.step("a window of one cell", () => {
    const dx = pool(1, 2, "valid")(x, tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]));
    assert.deepEqual([...dx.dataSync()], [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]);
  });
});

Deno.test("wasm differentiates crops where it reads them, on the very edge too", async () => {
  await startBackend({ backend: "wasm" });
  // The last of 14 samples falls on cell 7 of 8 exactly, or in float32 beside it: then it is 0.
  const image = noise([2, 8, 8, 3], "image") as tf.Tensor4D;
  const boxes = tf.tensor2d([[0, 0, 1, 1], [0.1, -0.2, 0.9, 1.3], [1, 1, 0, 0]]);
  const crop = (x: tf.Tensor): tf.Tensor =>
    tf.image.cropAndResize(x as tf.Tensor4D, boxes, tf.tensor1d([0, 1, 1], "int32"), [14, 14]);
  const dy = noise([3, 14, 14, 3], "dy");
  const dx = tf.grad(crop)(image, dy);
  // Crops are linear in the image, so both ways round give the same sum.
  const forward = tf.sum(tf.mul(crop(image), dy)).dataSync()[0];
  const backward = tf.sum(tf.mul(image, dx)).dataSync()[0];
  assert.ok(Math.abs(forward - backward) < 1e-3, `${forward}, ${backward}`);
});

Deno.test("wasm kernels leave no tensors behind", async () => {
  await startBackend({ backend: "wasm" });
  const [x, filter] = [noise([1, 4, 4, 2], "x"), noise([3, 3, 2, 1], "filter")];
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    tf.grads((x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 2, "same"))([x, filter]);
    tf.grads((x, f) => tf.depthwiseConv2d(x as tf.Tensor4D, f as tf.Tensor4D, 2, "same"))(
      [x, filter],
    );
    tf.grad((x) => tf.gather(x, tf.tensor1d([0], "int32")))(x);
  });
  assert.equal(tf.memory().numTensors, before);
});
