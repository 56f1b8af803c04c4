import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { lowResolution } from "../../../ml/data/degradation.ts";
import { toPictures, toTensor } from "../../../ml/data/pixels.ts";
import { matlabResize } from "../../../ml/image/matlab_resize.ts";
import type { Picture } from "../../../ml/image/picture.ts";
import { stream } from "../../../ml/tensor/random.ts";
import { testBackend } from "../../helpers/backend.ts";

await testBackend();

function noise(name: string, width: number, height: number): Picture {
  const random = stream(1, name);
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, () => random.uniform() * 256),
  };
}

for (
  const [scale, width, height] of [[2, 24, 16], [3, 15, 33], [4, 48, 40], [8, 64, 24], [8, 8, 8]]
) {
  Deno.test(`matlab degradation by ${scale} of ${width}x${height} is matlabResize() within a level`, async () => {
    const pictures = ["a", "b"].map((name) => noise(name, width, height));
    const hr = tf.stack(pictures.map(toTensor)) as tf.Tensor4D;
    const got = await toPictures(lowResolution(hr, scale, "matlab"));
    pictures.forEach((picture, i) => {
      const wanted = matlabResize(picture, 1 / scale);
      assert.deepEqual([got[i].width, got[i].height], [width / scale, height / scale]);
      const off = wanted.data.map((value, k) => Math.abs(value - got[i].data[k]));
      // Ties go to even levels here and up there; float32 makes and breaks some.
      assert.ok(off.every((value) => value <= 1), `off by ${Math.max(...off)}`);
    });
  });
}

Deno.test("matlab degradation is antialiased, the official one is not", async () => {
  // The official filter reads columns 10 … 13 and 18 … 21 only. The antialiased one, 32 columns
  // wide, has column 16 at a distance of 3.5/8 from its centre 19.5: 255·cubic(0.4375)/8 = 20.6.
  const line = new Uint8Array(32 * 8 * 3);
  for (let y = 0; y < 8; y++) line.fill(255, (y * 32 + 16) * 3, (y * 32 + 17) * 3);
  const hr = tf.expandDims(toTensor({ width: 32, height: 8, data: line })) as tf.Tensor4D;
  const brightest = async (degradation: "official" | "matlab") =>
    Math.max(...(await toPictures(lowResolution(hr, 8, degradation)))[0].data);
  assert.equal(await brightest("official"), 0);
  assert.equal(await brightest("matlab"), 21);
});
