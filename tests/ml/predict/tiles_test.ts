/**
 * Pictures in tiles against the same pictures as a whole.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Picture } from "../../../ml/image/picture.ts";
import { Params } from "../../../ml/nn/params.ts";
import { enlargeInTiles, overlapOf, stretchesOf, type Tiling } from "../../../ml/predict/tiles.ts";
import { stream } from "../../../ml/tensor/random.ts";
import * as edsr from "../../../models/sr/edsr.ts";
import * as swinir from "../../../models/sr/swinir.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

const WHOLE: Tiling = { tile: 1000, margin: 0, fade: 0 };

function noise(width: number, height: number): Picture {
  const random = stream(1, "pixels");
  const data = Uint8Array.from({ length: width * height * 3 }, () => random.integer(256));
  return { width, height, data };
}

function smallEdsr() {
  const params = Params.create(3);
  const options = edsr.options.parse({ scale: 2, blocks: 1, channels: 4 });
  return { params, net: edsr.build(params, options), scale: 2 };
}

async function enlarge(
  picture: Picture,
  network: ReturnType<typeof smallEdsr>,
  tiling: Tiling,
): Promise<Float32Array> {
  const length = picture.width * picture.height * 3 * network.scale ** 2;
  return await enlargeInTiles(picture, { ...network, tiling, out: new Float32Array(length) });
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0);
}

Deno.test("stretches cover an axis, share what they must and begin on the grid", () => {
  assert.deepEqual(stretchesOf(40, { tile: 64, margin: 4, fade: 0 }), [{ from: 0, to: 40 }]);
  assert.deepEqual(stretchesOf(100, { tile: 40, margin: 4, fade: 8 }), [
    { from: 0, to: 40 },
    { from: 24, to: 64 },
    { from: 48, to: 88 },
    { from: 64, to: 100 },
  ]);
});

Deno.test("tiles that only overlap are refused, and it is said how large they must be", () => {
  assert.throws(() => stretchesOf(100, { tile: 20, margin: 10, fade: 0 }), {
    name: "InputError",
    message: "Cannot cut pictures into tiles of 20 pixels: 20 of them overlap; expected 28 or more",
  });
});

testWithBackend("the overlap of EDSR is its convolutions' reach", () => {
  // head, two of a block, the one behind, one up-sampler, tail
  assert.deepEqual(overlapOf(smallEdsr().params), { margin: 6, fade: 0 });
});

testWithBackend("EDSR in tiles gives what it gives for the whole picture", async () => {
  const network = smallEdsr();
  const picture = noise(61, 45);
  const tiled = await enlarge(picture, network, { tile: 30, ...overlapOf(network.params) });
  const whole = await enlarge(picture, network, WHOLE);
  assert.ok(largestDifference(tiled, whole) < 1e-5);
});

testWithBackend("with less overlap than EDSR reaches there are seams", async () => {
  const network = smallEdsr();
  const picture = noise(61, 45);
  const tiled = await enlarge(picture, network, { tile: 30, margin: 1, fade: 0 });
  const whole = await enlarge(picture, network, WHOLE);
  assert.ok(largestDifference(tiled, whole) > 1e-3);
});

testWithBackend("bytes are the same picture, clamped and rounded", async () => {
  const network = smallEdsr();
  const picture = noise(40, 33);
  const tiling = { tile: 32, margin: 6, fade: 4 };
  const floats = await enlarge(picture, network, tiling);
  const bytes = await enlargeInTiles(picture, {
    ...network,
    tiling,
    out: new Uint8ClampedArray(floats.length),
  });
  const clamped = Float32Array.from(floats, (v) => Math.min(1, Math.max(0, v)) * 255);
  assert.ok(largestDifference(bytes, clamped) <= 1.51); // fades round two more times
});

testWithBackend("SwinIR's tiles fade into each other", async () => {
  const params = Params.create(5);
  const options = swinir.options.parse({
    scale: 2,
    embed: 8,
    depths: [2],
    heads: [2],
    window: 8,
    drop_path: 0,
  });
  const network = { params, net: swinir.build(params, options), scale: 2 };
  const overlap = overlapOf(params);
  assert.equal(overlap.fade, 32);
  const picture = noise(90, 70);
  const tiled = await enlarge(picture, network, { tile: 64, ...overlap });
  const whole = await enlarge(picture, network, WHOLE);
  assert.ok(largestDifference(tiled, whole) < 1 / 255);
});
