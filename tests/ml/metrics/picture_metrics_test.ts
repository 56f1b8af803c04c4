import assert from "node:assert/strict";
import type { Picture } from "../../../ml/image/picture.ts";
import { channelsOf, type Plane } from "../../../ml/image/plane.ts";
import { gamma } from "../../../ml/metrics/gamma.ts";
import { psnr } from "../../../ml/metrics/image_quality.ts";
import { luma } from "../../../ml/metrics/luma.ts";
import { niqe } from "../../../ml/metrics/niqe.ts";
import { meanSquaredError } from "../../../ml/metrics/plane_error.ts";
import { ssim } from "../../../ml/metrics/ssim.ts";
import { stream } from "../../../ml/tensor/random.ts";

const [WIDTH, HEIGHT] = [24, 20];

function picture(value: (x: number, y: number, c: number) => number): Picture {
  const data = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const level = value(pixel % WIDTH, Math.floor(pixel / WIDTH), i % 3);
    return Math.min(255, Math.max(0, level));
  });
  return { width: WIDTH, height: HEIGHT, data };
}

// The wanted numbers of these two come from NumPy, by the formulas as they stand: windows of 11x11
// one by one, deviations from the mean of each.
const A = (x: number, y: number, c: number) => (x * 7 + y * 13 + c * 29 + x * y % 11 * 3) % 256;
const [a, b] = [picture(A), picture((x, y, c) => A(x, y, c) + (x + y + c) * 5 % 17 - 8)];

function close(got: number, wanted: number, tolerance = 1e-9): void {
  assert.ok(Math.abs(got - wanted) <= tolerance, `${got} instead of ${wanted}`);
}

function flat(level: number, width = 16, height = 16): Plane {
  return { width, height, data: new Float64Array(width * height).fill(level) };
}

Deno.test("luma() gives BT.601's levels", () => {
  const colours = [[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255]];
  const data = Uint8Array.from(colours.flat());
  assert.deepEqual([...luma({ width: 5, height: 1, data }).data], [16, 235, 81, 145, 41]);
});

Deno.test("PSNR inside a border is NumPy's, over RGB and over Y", () => {
  const ratio = (x: Plane[], y: Plane[]) => psnr(meanSquaredError(x, y, 2));
  close(ratio(channelsOf(a), channelsOf(b)), 34.41473814842637);
  close(ratio([luma(a)], [luma(b)]), 40.81945061739788);
});

Deno.test("the squared error counts what is inside the border only", () => {
  const other = flat(10);
  other.data[0] = 200; // a corner
  assert.equal(meanSquaredError([flat(10)], [other], 0), 190 ** 2 / 256);
  assert.equal(meanSquaredError([flat(10)], [other], 1), 0);
  assert.throws(() => meanSquaredError([flat(10)], [other], 8), {
    name: "RangeError",
    message: "Cannot cut 8 pixels from every side of 16x16: nothing is left",
  });
  assert.throws(() => meanSquaredError([flat(10)], [flat(10, 15)], 0), {
    message: "Cannot compare 16x16 with 15x16: expected one size",
  });
});

Deno.test("ssim() is NumPy's, 1 for equal pictures and nearly 0 for black and white", () => {
  close(ssim(luma(a), luma(b)), 0.997129560215075);
  close(ssim(luma(a), luma(a)), 1);
  close(ssim(flat(0), flat(255)), 0.0001 / 1.0001);
});

Deno.test("ssim() is negative where structures are inverted", () => {
  const checks = flat(0);
  checks.data.forEach((_, i) => checks.data[i] = (i + (i >> 4)) % 2 * 200);
  const inverted = { ...checks, data: checks.data.map((value) => 200 - value) };
  assert.ok(ssim(checks, inverted) < -0.9);
});

Deno.test("ssim() names a picture that is smaller than its window", () => {
  assert.throws(() => ssim(flat(0, 10), flat(0, 10)), {
    name: "RangeError",
    message: "Cannot look at 10x16 through a window of 11x11: expected a larger picture",
  });
});

Deno.test("gamma() is the factorial, and the root of pi at a half", () => {
  close(gamma(5), 24, 1e-12);
  close(gamma(0.5), Math.sqrt(Math.PI), 1e-14);
  close(gamma(15) / 87178291200, 1, 1e-13);
  close(gamma(0.1), 9.51350769866873, 1e-12);
});

Deno.test("niqe() finds noise less natural than a smooth landscape", () => {
  const random = stream(1, "niqe");
  const noise = flat(0, 200, 200);
  noise.data.forEach((_, i) => noise.data[i] = random.uniform() * 219 + 16);
  const hills = flat(0, 200, 200);
  hills.data.forEach((_, i) => {
    const [x, y] = [i % 200, Math.floor(i / 200)];
    hills.data[i] = 120 + 60 * Math.sin(x / 17 + Math.cos(y / 23)) + 6 * (random.uniform() - 0.5);
  });
  assert.ok(niqe(noise) > niqe(hills) && niqe(hills) > 0);
});

Deno.test("niqe() names pictures that are too small or flat", () => {
  assert.throws(() => niqe(flat(0, 100, 191)), {
    name: "RangeError",
    message: "Cannot tell how natural 100x191 pixels are: expected two blocks of 96x96 or more",
  });
  assert.throws(() => niqe(flat(100, 192, 192)), {
    name: "RangeError",
    message: "Cannot tell how natural the picture is: 0 of its blocks vary, expected two",
  });
});
