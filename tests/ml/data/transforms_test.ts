import assert from "node:assert/strict";
import { flipPicture, flipTarget } from "../../../ml/data/transforms.ts";

Deno.test("flipPicture() mirrors each row, keeps channels in order", () => {
  const data = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  const flipped = flipPicture({ width: 3, height: 2, data });
  assert.deepEqual(
    [...flipped.data],
    [7, 8, 9, 4, 5, 6, 1, 2, 3, 17, 18, 19, 14, 15, 16, 11, 12, 13],
  );
  assert.equal(data[0], 1, "the input stays");
});

Deno.test("flipTarget() turns x into width - x", () => {
  const target = {
    boxes: new Float32Array([0, 1, 3, 4, 5.5, 0, 10, 2]),
    labels: new Int32Array([1, 2]),
  };
  const flipped = flipTarget(target, 10);
  assert.deepEqual([...flipped.boxes], [7, 1, 10, 4, 0, 0, 4.5, 2]);
  assert.deepEqual([...flipped.labels], [1, 2]);
  assert.deepEqual([...flipTarget(flipped, 10).boxes], [...target.boxes]);
});
