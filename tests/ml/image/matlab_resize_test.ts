import assert from "node:assert/strict";
import { decode } from "../../../ml/image/codec.ts";
import { matlabResize, matlabResizePlane } from "../../../ml/image/matlab_resize.ts";
import type { Picture } from "../../../ml/image/picture.ts";
import { channelsOf } from "../../../ml/image/plane.ts";
import { cropPicture } from "../../../ml/data/pixels.ts";
import { psnr } from "../../../ml/metrics/image_quality.ts";
import { luma } from "../../../ml/metrics/luma.ts";
import { meanSquaredError } from "../../../ml/metrics/plane_error.ts";

/** A grey picture of one row for each list. */
function grey(...rows: number[][]): Picture {
  const data = Uint8Array.from(rows.flat().flatMap((value) => [value, value, value]));
  return { width: rows[0].length, height: rows.length, data };
}

/** The red channel. */
function red({ data }: Picture): number[] {
  return [...data].filter((_, i) => i % 3 === 0);
}

Deno.test("matlabResize() by a half weighs eight pixels by -3, -9, 29, 111 of 256 and back", () => {
  // By hand: the kernel at distances of 7/4, 5/4, 3/4, 1/4 is -3/128, -9/128, 29/128, 111/128; half
  // of that each, as it is twice as wide.
  const impulse = (at: number) => Array.from({ length: 12 }, (_, i) => i === at ? 255 : 0);
  const responses = Array.from({ length: 12 }, (_, at) => {
    const plane = { width: 12, height: 1, data: Float64Array.from(impulse(at)) };
    return matlabResizePlane(plane, 0.5).data[2] / 255 * 256;
  });
  const wanted = [0, -3, -9, 29, 111, 111, 29, -9, -3, 0, 0, 0];
  responses.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) < 1e-9, `${value}`));
});

Deno.test("matlabResize() mirrors the edge, edge pixel included", () => {
  // Around output 0 stand pixels -3 … 4, of which -1, -2, -3 and 4 mirror 0, 1, 2 and 3.
  const row = [200, 100, 40, 0];
  const sum = 111 * row[0] + 111 * row[1] + 29 * (row[0] + row[2]) - 9 * (row[1] + row[3]) -
    3 * (row[2] + row[3]);
  assert.deepEqual(red(matlabResize(grey(row, row), 0.5))[0], Math.floor(sum / 256 + 0.5));
});

Deno.test("matlabResize() by 2 weighs four pixels, nearest first, by 111, 29, -9, -3 of 128", () => {
  const row = [10, 20, 200, 90];
  const between = (-9 * 10 + 111 * 20 + 29 * 200 - 3 * 90) / 128; // output 3: a quarter behind 20
  assert.equal(red(matlabResize(grey(row), 2))[3], Math.floor(between + 0.5));
});

Deno.test("matlabResize() rounds halves up, clamps, and its sizes are rounded up", () => {
  const { width, height } = matlabResize(
    grey([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
    0.5,
  );
  assert.deepEqual([width, height], [3, 2]);
  assert.deepEqual(red(matlabResize(grey([0, 0, 255, 255], [0, 0, 255, 255]), 2)).slice(0, 8), [
    0,
    0,
    0,
    52,
    203,
    255,
    255,
    255,
  ]);
  assert.deepEqual(red(matlabResize(grey([7, 7], [8, 8]), 0.5)), [8]); // 7.5
});

Deno.test("matlabResize() keeps a flat picture at every scale", () => {
  const flat = grey(...Array.from({ length: 9 }, () => Array<number>(7).fill(137)));
  for (const scale of [1 / 8, 1 / 3, 0.7, 1, 1.5, 3, 4]) {
    assert.deepEqual([...new Set(matlabResize(flat, scale).data)], [137]);
  }
});

Deno.test("matlabResize() names a scale that cannot be", () => {
  assert.throws(() => matlabResize(grey([1, 2]), 0), {
    name: "RangeError",
    message: "Cannot resize 1 pixels by 0: expected a positive length and scale",
  });
});

const SET5 = Deno.env.get("SET5");
const NAMES = ["baby", "bird", "butterfly", "head", "woman"];
/** Mean PSNR on Y that papers report for bicubic enlargement. */
const PUBLISHED = { 2: 33.66, 3: 30.39, 4: 28.42, 8: 24.40 };

Deno.test({
  name: SET5 === undefined
    ? "Set5's small pictures are reproduced (SET5 names no folder with HR and LR_bicubic)"
    : "Set5's small pictures are reproduced",
  ignore: SET5 === undefined,
  fn: async (t) => {
    for (const [scale, published] of Object.entries(PUBLISHED)) {
      await t.step(`by ${scale}`, async () => {
        const s = Number(scale);
        const ratios: number[] = [];
        for (const name of NAMES) {
          const low = await decode(`${SET5}/LR_bicubic/X${s}/${name}x${s}.png`);
          const whole = await decode(`${SET5}/HR/${name}.png`);
          const hr = cropPicture(whole, 0, 0, low.width * s, low.height * s);
          const shrunk = matlabResize(hr, 1 / s);
          // The files by 8 were rounded once, as an array of doubles is when it is written.
          assert.deepEqual(s === 8 ? roundedOnce(hr, 1 / s) : shrunk.data, low.data, name);
          const y = [matlabResize(shrunk, s), hr].map((picture) => [luma(picture)]);
          ratios.push(psnr(meanSquaredError(y[0], y[1], s)));
        }
        const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length;
        assert.ok(Math.abs(mean - published) < 0.05, `${mean} dB, published ${published} dB`);
      });
    }
  },
});

function roundedOnce(picture: Picture, scale: number): Uint8Array {
  const planes = channelsOf(picture).map((plane) => matlabResizePlane(plane, scale).data);
  const levels = new Uint8Array(3 * planes[0].length);
  for (let i = 0; i < levels.length; i++) {
    levels[i] = Math.min(255, Math.max(0, Math.floor(planes[i % 3][Math.floor(i / 3)] + 0.5)));
  }
  return levels;
}
