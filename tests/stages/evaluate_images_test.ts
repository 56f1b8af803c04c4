import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import { toPictures, toTensor } from "../../ml/data/pixels.ts";
import { decode, pngBytes } from "../../ml/image/codec.ts";
import { matlabResize } from "../../ml/image/matlab_resize.ts";
import type { Picture } from "../../ml/image/picture.ts";
import { Params } from "../../ml/nn/params.ts";
import { stream } from "../../ml/tensor/random.ts";
import { writeSafetensors } from "../../ml/weights/safetensors.ts";
import * as lpips from "../../models/perceptual/lpips.ts";
import * as edsr from "../../models/sr/edsr_light.ts";
import stage from "../../stages/evaluate_images.ts";
import { testWithBackend } from "../helpers/with_backend.ts";
import { temporaryFolder, writeFiles } from "../ml/data/temporary_folder.ts";
import { fakeContext } from "./fake_context.ts";

/** Soft hills with a little noise. */
function landscape(name: string, width: number, height: number): Picture {
  const random = stream(1, name);
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return 128 + 90 * Math.sin(x / 5 + (i % 3)) * Math.cos(y / 7) + 20 * random.uniform();
  });
  return { width, height, data };
}

const [FIRST, SECOND] = [landscape("first", 50, 41), landscape("second", 36, 48)];

const written = z.object({
  means: z.record(z.string(), z.number().nullable()),
  border: z.number(),
  images: z.array(z.object({
    name: z.string(),
    width: z.number(),
    height: z.number(),
    scores: z.record(z.string(), z.number()),
    pictures: z.record(z.string(), z.string()),
  })),
});

/** Runs the stage on the two pictures, or on those given, and reads what it has written. */
async function measured(
  folder: string,
  params: Record<string, unknown>,
  { sr, pictures = { "a.png": FIRST, "b.png": SECOND } }: {
    sr?: string;
    pictures?: Record<string, Picture>;
  } = {},
) {
  for (const [name, picture] of Object.entries(pictures)) {
    await writeFiles(folder, { [`images/${name}`]: await pngBytes(picture) });
  }
  const own = await Deno.makeTempDir({ dir: folder });
  const { told, context } = await fakeContext(own, (at) => ({ metrics: at("metrics") }));
  await stage.run({
    ...context,
    params: stage.params.parse({ scale: 2, ...params }),
    inputs: { images: folder, sr },
  });
  const out = context.outputs.metrics;
  const text = await Deno.readTextFile(`${out}/image_metrics.json`);
  const picture = (file: string) => decode(`${out}/${file}`);
  return { told, picture, ...written.parse(JSON.parse(text)) };
}

/** PSNR over RGB, one value after the other. */
function psnr(a: Picture, b: Picture, border: number): number {
  let sum = 0, count = 0;
  a.data.forEach((value, i) => {
    const [x, y] = [Math.floor(i / 3) % a.width, Math.floor(i / 3 / a.width)];
    if (Math.min(x, y, a.width - 1 - x, a.height - 1 - y) < border) return;
    sum += (value - b.data[i]) ** 2;
    count++;
  });
  return 10 * Math.log10(255 ** 2 * count / sum);
}

testWithBackend("evaluate_images measures bicubic enlargement and keeps its pictures", async () => {
  await using dir = await temporaryFolder();
  const { images, means, border, picture, told } = await measured(dir.path, {
    degradation: "matlab",
    pictures: 1,
  });
  assert.equal(border, 2);
  assert.deepEqual(images.map(({ name, width, height }) => [name, width, height]), [
    ["a.png", 50, 40], // a row is cut
    ["b.png", 36, 48],
  ]);
  const [a, b] = images;
  assert.deepEqual(Object.keys(a.pictures), ["lr", "bicubic", "hr"]);
  assert.deepEqual(b.pictures, {});
  const [lr, bicubic, hr] = await Promise.all(Object.values(a.pictures).map(picture));
  assert.deepEqual(lr, matlabResize(hr, 0.5));
  assert.deepEqual(bicubic, matlabResize(lr, 2));
  assert.ok(Math.abs(a.scores["PSNR RGB"] - psnr(bicubic, hr, 2)) < 1e-9);
  for (const name of ["PSNR RGB", "PSNR Y", "SSIM Y"]) {
    assert.equal(means[name], (a.scores[name] + b.scores[name]) / 2);
  }
  assert.deepEqual(Object.keys(means), ["PSNR RGB", "PSNR Y", "SSIM Y"]);
  const table = told.tables["bicubic ×2, matlab degradation"];
  assert.deepEqual(table.map(([name]) => name), ["a.png", "b.png", "mean"]);
  assert.deepEqual(told.progress, [2, 2]);
});

testWithBackend("evaluate_images measures a network's pictures, whole or in tiles", async () => {
  await using dir = await temporaryFolder();
  const options = edsr.options.parse({ scale: 2, blocks: 1, channels: 8 });
  const p = Params.create(3);
  const net = edsr.build(p, options);
  await writeSafetensors(`${dir.path}/sr.safetensors`, await p.snapshot());
  const params = { network: "edsr_light", network_options: { blocks: 1, channels: 8 } };
  const whole = await measured(dir.path, params, { sr: dir.path });
  const [{ pictures, scores }] = whole.images;
  const [lr, sr, hr] = await Promise.all(["lr", "sr", "hr"].map((v) => whole.picture(pictures[v])));
  const [wanted] = await toPictures(net(tf.expandDims(toTensor(lr)) as tf.Tensor4D));
  assert.deepEqual(sr, wanted);
  assert.ok(Math.abs(scores["PSNR RGB"] - psnr(sr, hr, 2)) < 1e-9);

  const tiled = await measured(dir.path, { ...params, tile: 24 }, { sr: dir.path });
  const same = await tiled.picture(tiled.images[0].pictures.sr);
  assert.ok(same.data.every((value, i) => Math.abs(value - sr.data[i]) <= 1));
  p.dispose();
});

testWithBackend(
  "evaluate_images measures LPIPS by the files of its trunk and linear layers",
  async () => {
    await using dir = await temporaryFolder();
    const p = Params.create(5);
    const net = lpips.build(p, { trunk: "alex" });
    const tensors = await p.snapshot();
    const isTrunk = ({ name }: { name: string }) => name.startsWith("features.");
    const [trunk, linear] = [`${dir.path}/trunk.safetensors`, `${dir.path}/linear.safetensors`];
    // As in torchvision's files, there is more than LPIPS needs.
    const classifier = { name: "classifier.1.weight", shape: [2], data: new Float32Array(2) };
    await writeSafetensors(trunk, [...tensors.filter(isTrunk), classifier]);
    await writeSafetensors(linear, tensors.filter((tensor) => !isTrunk(tensor)));
    const params = { lpips: "alex", lpips_trunk: trunk, lpips_linear: linear };
    const { images, picture } = await measured(dir.path, params);
    const [bicubic, hr] = await Promise.all(
      ["bicubic", "hr"].map((version) => picture(images[0].pictures[version])),
    );
    const [a, b] = [bicubic, hr].map((one) => tf.expandDims(toTensor(one)) as tf.Tensor4D);
    const [distance] = await net(a, b).data();
    assert.ok(Math.abs(images[0].scores.LPIPS - distance) <= 1e-5 * Math.abs(distance));
    await assert.rejects(measured(dir.path, { ...params, lpips: "vgg" }), (error: Error) => {
      assert.equal(error.name, "InputError");
      assert.match(error.message, /^Cannot load .* into perceptual\/lpips of vgg: /);
      assert.match(error.message, /features\.0\.weight is \[64,3,11,11\], not \[64,3,3,3\]/);
      return true;
    });
    p.dispose();
  },
);

testWithBackend("evaluate_images measures NIQE of pictures that have room for it", async () => {
  await using dir = await temporaryFolder();
  const pictures = { "large.png": landscape("large", 196, 100) };
  const { images } = await measured(dir.path, { niqe: true }, { pictures });
  assert.ok(images[0].scores.NIQE > 0);
});

const REFUSED: [string, Record<string, unknown>, Record<string, Picture>, string][] = [
  [
    "a network without weights",
    { network: "edsr_light" },
    {},
    'Cannot measure edsr_light without weights; connect the input "sr"',
  ],
  [
    "an odd factor of the paper's filter",
    { scale: 3 },
    { "a.png": FIRST },
    "Cannot shrink by 3 as the paper's code does, which knows even factors only; " +
    "set degradation to matlab",
  ],
  [
    "a picture without room for SSIM",
    {},
    { "dot.png": landscape("dot", 14, 30) },
    "Cannot measure dot.png: Cannot look at 10x26 through a window of 11x11: " +
    "expected a larger picture",
  ],
  [
    "a picture smaller than the factor",
    { scale: 8 },
    { "dot.png": landscape("dot", 30, 7) },
    "Cannot shrink dot.png by 8: it has 30x7 pixels",
  ],
  [
    "LPIPS without its files",
    { lpips: "vgg" },
    {},
    'Cannot measure LPIPS without its weights; set "lpips_trunk" to the file of torchvision and ' +
    '"lpips_linear" to that of the authors',
  ],
];

for (const [what, params, pictures, message] of REFUSED) {
  testWithBackend(`evaluate_images refuses ${what}`, async () => {
    await using dir = await temporaryFolder();
    await assert.rejects(measured(dir.path, params, { pictures }), { message });
  });
}

testWithBackend("evaluate_images refuses weights of an unknown network", async () => {
  await using dir = await temporaryFolder();
  await assert.rejects(measured(dir.path, {}, { sr: dir.path }), {
    name: "StageError",
    message: 'Cannot measure weights of an unknown network; set "network"',
  });
});
