import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { roiAlign, type RoiAlignOptions } from "../../../../ml/tensor/ops/roi_align.ts";
import { testWithBackend } from "../../../helpers/with_backend.ts";
import { randomTensor } from "../gradients/numeric.ts";

/** One value of a map [H, W, C], bilinear, by torchvision's rule for the border. */
function sample(
  map: ArrayLike<number>,
  [H, W, C]: number[],
  y: number,
  x: number,
  c: number,
): number {
  if (y < -1 || y > H || x < -1 || x > W) return 0;
  const [v, u] = [Math.min(Math.max(y, 0), H - 1), Math.min(Math.max(x, 0), W - 1)];
  const [y0, x0] = [Math.floor(v), Math.floor(u)];
  const [y1, x1] = [Math.min(y0 + 1, H - 1), Math.min(x0 + 1, W - 1)];
  const at = (row: number, column: number) => map[(row * W + column) * C + c];
  const upper = at(y0, x0) * (1 - (u - x0)) + at(y0, x1) * (u - x0);
  const lower = at(y1, x0) * (1 - (u - x0)) + at(y1, x1) * (u - x0);
  return upper * (1 - (v - y0)) + lower * (v - y0);
}

const cases: { name: string; box: number[]; options: RoiAlignOptions }[] = [
  {
    name: "inside",
    box: [2, 3, 17, 14],
    options: { size: [3, 2], scale: 0.25, samplingRatio: 2 },
  },
  {
    name: "across the border",
    box: [-6, -3, 30, 40],
    options: { size: [5, 5], scale: 0.25, samplingRatio: 2 },
  },
  {
    name: "smaller than a cell",
    box: [5, 5, 5.5, 5.5],
    options: { size: [2, 2], scale: 0.25, samplingRatio: 2 },
  },
  {
    name: "with three samples",
    box: [1, 2, 20, 20],
    options: { size: [2, 3], scale: 0.25, samplingRatio: 3 },
  },
  {
    name: "with one sample in one cell",
    box: [1, 2, 20, 20],
    options: { size: [1, 1], scale: 0.25, samplingRatio: 1 },
  },
  {
    name: "aligned, adaptive",
    box: [1, 2, 22, 20],
    options: { size: [2, 2], scale: 0.25, samplingRatio: 0, aligned: true },
  },
];

for (const { name, box, options } of cases) {
  testWithBackend(`roiAlign() averages its samples: ${name}`, async () => {
    const [H, W, C] = [6, 7, 2];
    const map = randomTensor("map", [1, H, W, C]);
    const values = await map.data();
    const { size: [rows, columns], scale, samplingRatio, aligned } = options;
    const regions = { boxes: Float32Array.from(box), image: Int32Array.of(0) };
    const got = await roiAlign(map, regions, options).data();
    const shift = aligned ? 0.5 : 0;
    const [x, y] = [box[0] * scale - shift, box[1] * scale - shift];
    const least = aligned ? -Infinity : 1;
    const width = Math.max((box[2] - box[0]) * scale, least);
    const height = Math.max((box[3] - box[1]) * scale, least);
    const ny = samplingRatio || Math.ceil(height / rows);
    const nx = samplingRatio || Math.ceil(width / columns);
    for (let i = 0; i < rows * columns * C; i++) {
      const c = i % C;
      const column = Math.floor(i / C) % columns;
      const row = Math.floor(i / C / columns);
      let sum = 0;
      for (let sy = 0; sy < ny; sy++) {
        for (let sx = 0; sx < nx; sx++) {
          const v = y + (row + (sy + 0.5) / ny) * height / rows;
          const u = x + (column + (sx + 0.5) / nx) * width / columns;
          sum += sample(values, [H, W, C], v, u, c);
        }
      }
      assert.ok(Math.abs(got[i] - sum / (ny * nx)) < 1e-5, `value ${i}: ${got[i]}`);
    }
  });
}

testWithBackend("roiAlign() keeps the regions' order when sample counts differ", async () => {
  const map = randomTensor("map", [2, 8, 8, 1]);
  const boxes = Float32Array.of(0, 0, 30, 30, 2, 2, 6, 6, 1, 1, 31, 29, 8, 8, 12, 12);
  const image = Int32Array.of(0, 1, 1, 0);
  const options = { size: [2, 2], scale: 0.25, samplingRatio: 0 } as const;
  const together = await roiAlign(map, { boxes, image }, options).data();
  for (let r = 0; r < 4; r++) {
    const one = { boxes: boxes.slice(4 * r, 4 * r + 4), image: image.slice(r, r + 1) };
    const alone = await roiAlign(map, one, options).data();
    assert.deepEqual([...together.slice(4 * r, 4 * r + 4)], [...alone]);
  }
});

testWithBackend("roiAlign() in several parts is roiAlign() in one, gradient included", async () => {
  const map = randomTensor("map", [2, 8, 8, 3]);
  const boxes = Float32Array.from({ length: 28 }, (_, i) => i % 4 < 2 ? i % 7 : 12 + i % 11);
  const image = Int32Array.of(0, 1, 1, 0, 0, 1, 0);
  const pool = (limit: number) => (x: tf.Tensor) => {
    const options = { size: [2, 2], scale: 0.25, samplingRatio: 2, limit } as const;
    return roiAlign(x as tf.Tensor4D, { boxes, image }, options);
  };
  const [whole, parts] = [pool(1e9), pool(3 * 48)]; // 48 numbers per region: three at once
  assert.deepEqual([...await parts(map).data()], [...await whole(map).data()]);
  const gradient = (f: (x: tf.Tensor) => tf.Tensor) => tf.grad((x) => tf.sum(tf.square(f(x))))(map);
  const [expected, got] = [await gradient(whole).data(), await gradient(parts).data()];
  got.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-5));
});
