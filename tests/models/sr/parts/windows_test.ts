import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { padToWindows, reorder, windowGrid } from "../../../../models/sr/parts/windows.ts";
import { assertGradient, randomTensor } from "../../../ml/tensor/gradients/numeric.ts";
import { testWithBackend } from "../../../helpers/with_backend.ts";

Deno.test("Windows list a map's cells window by window", () => {
  const { cells, places, kinds } = windowGrid(2, 0).on(4, 6);
  assert.deepEqual([...cells], [
    ...[0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11],
    ...[12, 13, 18, 19, 14, 15, 20, 21, 16, 17, 22, 23],
  ]);
  assert.deepEqual([...places].map((place) => cells[place]), [...Array(24).keys()]);
  assert.deepEqual([...kinds], [0, 0, 1, 2, 2, 3]);
});

Deno.test("Shifted windows take in at the bottom and right what leaves at the top and left", () => {
  const { cells, places } = windowGrid(2, 1).on(4, 4);
  assert.deepEqual([...cells], [5, 6, 9, 10, 7, 4, 11, 8, 13, 14, 1, 2, 15, 12, 3, 0]);
  assert.deepEqual([...places].map((place) => cells[place]), [...Array(16).keys()]);
});

Deno.test("The masks of shifted windows part what only the shift brought together", () => {
  const x = -100;
  assert.equal(windowGrid(2, 0).masks, undefined);
  assert.deepEqual([...windowGrid(2, 1).masks ?? []], [
    ...[0, 0, 0, 0, /**/ 0, 0, 0, 0, /**/ 0, 0, 0, 0, /**/ 0, 0, 0, 0],
    ...[0, x, 0, x, /**/ x, 0, x, 0, /**/ 0, x, 0, x, /**/ x, 0, x, 0],
    ...[0, 0, x, x, /**/ 0, 0, x, x, /**/ x, x, 0, 0, /**/ x, x, 0, 0],
    ...[0, x, x, x, /**/ x, 0, x, x, /**/ x, x, 0, x, /**/ x, x, x, 0],
  ]);
});

/** As the original does it: numbers nine regions of the map, rolls it, compares within windows. */
function slowMasks(H: number, W: number, w: number, shift: number): number[][] {
  const third = (at: number, size: number) => at < size - w ? 0 : at < size - shift ? 1 : 2;
  const windows: number[][] = [];
  for (let top = 0; top < H; top += w) {
    for (let left = 0; left < W; left += w) {
      const regions = Array.from({ length: w * w }, (_, i) => {
        const [y, x] = [top + Math.floor(i / w), left + i % w];
        return 3 * third(y, H) + third(x, W);
      });
      windows.push(regions.flatMap((a) => regions.map((b) => a === b ? 0 : -100)));
    }
  }
  return windows;
}

Deno.test("The mask of every window's kind is the original's", () => {
  const N = 64 * 64;
  const grid = windowGrid(8, 4);
  for (const [H, W] of [[8, 8], [8, 24], [48, 48]]) {
    slowMasks(H, W, 8, 4).forEach((wanted, i) => {
      const kind = grid.on(H, W).kinds[i];
      assert.deepEqual([...grid.masks?.subarray(kind * N, (kind + 1) * N) ?? []], wanted);
    });
  }
});

testWithBackend("reorder() and its gradient are each other's inverse", async () => {
  const { cells, places } = windowGrid(2, 1).on(4, 4);
  const x = randomTensor("x", [2, 4, 4, 3]);
  const tokens = (x: tf.Tensor): tf.Tensor3D => tf.reshape(x, [2, 16, 3]);
  await assertGradient((x) => reorder(tokens(x), cells, places), x);
  const back = reorder(reorder(tokens(x), cells, places), places, cells);
  assert.deepEqual(await back.data(), await x.data());
});

testWithBackend("padToWindows() mirrors without repeating the edge, again and again", async () => {
  const rows = (values: number[]): tf.Tensor4D => tf.tensor4d(values, [1, values.length, 1, 1]);
  const padded = async (
    values: number[],
  ) => [...await tf.slice(padToWindows(rows(values), 8), 0, [1, 8, 1, 1]).data()];
  assert.deepEqual(await padded([1, 2, 3, 4, 5]), [1, 2, 3, 4, 5, 4, 3, 2]);
  assert.deepEqual(await padded([1, 2, 3]), [1, 2, 3, 2, 1, 2, 3, 2]);
  assert.deepEqual(await padded([1]), [1, 1, 1, 1, 1, 1, 1, 1]);
  const whole: tf.Tensor4D = tf.ones([1, 8, 16, 1]);
  assert.equal(padToWindows(whole, 8), whole);
});
