/**
 * `deno task predict` as a person runs it: random networks, small pictures, the real pipeline.
 *
 * @module
 */
import assert from "node:assert/strict";
import sharp from "sharp";
import { decode } from "../../ml/image/codec.ts";
import { decodeMask } from "../../ml/image/mask.ts";
import { Params } from "../../ml/nn/params.ts";
import { writeWeights } from "../../ml/train/model_folder.ts";
import * as edsr from "../../models/sr/edsr_light.ts";
import { type TestFolder, testFolder } from "../helpers/folder.ts";
import { CLASSES, randomModel } from "../helpers/random_model.ts";
import { runTool } from "../helpers/run_tool.ts";
import { testWithBackend } from "../helpers/with_backend.ts";

/** A picture of 40x30 pixels with some structure. */
async function photo(orientation?: number): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * i) % 251);
  const picture = sharp(data, { raw: { width: 40, height: 30, channels: 3 } });
  const turned = orientation === undefined ? picture : picture.withMetadata({ orientation });
  return await turned.jpeg().toBuffer();
}

function predict(folder: TestFolder, ...args: string[]) {
  return runTool("predict", folder, ...args);
}

function readJson(folder: TestFolder, file: string) {
  return JSON.parse(Deno.readTextFileSync(`${folder.path}/${file}`));
}

testWithBackend("a photo becomes SR and bicubic pictures, boxes, JSON and a page", async () => {
  using folder = testFolder({ "photos/a b.jpg": await photo(), "photos/note.txt": "no picture" });
  await randomModel(`${folder.path}/model`, "detection");
  const { code, stdout, stderr } = await predict(folder, "model", "photos");
  assert.equal(code, 0, stderr);
  const names = ["a_b.json", "a_b_bicubic.png", "a_b_found.png", "a_b_sr.png"];
  assert.deepEqual(
    stdout.trim().split("\n"),
    [...names, "index.html", "predictions.json"].map((name) => `predictions/${name}`),
  );
  for (const name of names.slice(1)) {
    const { width, height } = await decode(`${folder.path}/predictions/${name}`);
    assert.deepEqual([width, height], [160, 120], name);
  }
  const { found } = readJson(folder, "predictions/a_b.json").task;
  for (const { label, box, score } of found) {
    assert.ok(["cat", "dog"].includes(label));
    assert.ok(score > 0 && score <= 1);
    assert.ok(box[0] >= 0 && box[2] <= 160 && box[1] >= 0 && box[3] <= 120);
  }
  const page = Deno.readTextFileSync(`${folder.path}/predictions/index.html`);
  assert.match(page, /href="a_b_sr\.png"/);

  const again = await predict(folder, "model", "photos", "--json");
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stderr, /from cache/);
  assert.deepEqual(JSON.parse(again.stdout).files, stdout.trim().split("\n"));
});

testWithBackend(
  "segmentation gives a class map, and --degrade compares with the photo",
  async () => {
    using folder = testFolder({ "a.jpg": await photo(6) });
    const model = `${folder.path}/model`;
    await randomModel(model, "segmentation");
    const { code, stderr } = await predict(folder, "model", "a.jpg", "--degrade", "--out", "out");
    // 30x40, turned, degraded by 4 is 7x10: too small
    assert.equal(code, 1);
    assert.match(stderr, /the network would be given 7x10 pixels; expected 8 or more each way/);

    const large = await sharp(await photo()).resize(80, 64).png().toBuffer();
    folder.write({ "b.png": large });
    const second = await predict(folder, "model", "b.png", "--degrade", "--out", "out");
    assert.equal(second.code, 0, second.stderr);
    const result = readJson(folder, "out/b.json");
    assert.deepEqual(result.input, { width: 20, height: 16 });
    assert.deepEqual(Object.keys(result.psnr), ["bicubic", "sr"]);
    const map = await decodeMask(`${folder.path}/out/${result.classMap}`);
    assert.deepEqual([map.width, map.height], [80, 64]);
    const shares = result.task.found.map((one: { share: number }) => one.share);
    assert.ok(Math.abs(shares.reduce((a: number, b: number) => a + b, 0) - 1) < 1e-6);
    assert.ok(map.data.every((label) => label < CLASSES.length));
  },
);

testWithBackend("classification lists chances; a photo is turned as it asks for", async () => {
  using folder = testFolder({ "a.jpg": await photo(6) });
  const model = `${folder.path}/model`;
  await randomModel(model, "classification");
  const { code, stderr } = await predict(folder, "model", "a.jpg", "--tile", "24");
  assert.equal(code, 0, stderr);
  const { input, task: { found } } = readJson(folder, "predictions/a.json");
  assert.deepEqual(input, { width: 30, height: 40 }); // stored as 40x30
  const total = found.reduce((sum: number, one: { score: number }) => sum + one.score, 0);
  assert.ok(Math.abs(total - 1) < 1e-5);
});

testWithBackend("S alone, from a file of weights, gives the SR picture only", async () => {
  using folder = testFolder({ "a.jpg": await photo(), "text.jpg": "hello" });
  const S = Params.create(1);
  edsr.build(S, edsr.options.parse({ scale: 2 }));
  Deno.mkdirSync(`${folder.path}/sr`);
  await writeWeights(`${folder.path}/sr`, "sr", S);
  S.dispose();
  const file = "sr/sr.safetensors";
  const { code, stdout, stderr } = await predict(
    folder,
    ...[file, "a.jpg", "--network", "sr/edsr_light", "--scale", "2"],
  );
  assert.equal(code, 0, stderr);
  assert.ok(!stdout.includes("found"));
  const { width, height } = await decode(`${folder.path}/predictions/a_sr.png`);
  assert.deepEqual([width, height], [80, 60]);

  const other = await predict(folder, file, "a.jpg", "--network", "sr/edsr", "--scale", "2");
  assert.equal(other.code, 1);
  const text = await predict(
    folder,
    file,
    "text.jpg",
    "--network",
    "sr/edsr_light",
    "--scale",
    "2",
  );
  assert.equal(text.code, 1);
  assert.match(text.stderr, /failed: Cannot read .*text\.jpg: it is a damaged picture, or none/);
  assert.match(other.stderr, /Cannot load .*sr\.safetensors into sr\/edsr: \d+ of the network's/);
});

testWithBackend("results never overwrite what others have written", async () => {
  using folder = testFolder({ "a.jpg": await photo(), "predictions/index.html": "mine" });
  await randomModel(`${folder.path}/m`, "detection");
  const { code, stdout, stderr } = await predict(folder, "m", "a.jpg");
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /predictions has files that were not made here: index\.html/);
  assert.equal(Deno.readTextFileSync(`${folder.path}/predictions/index.html`), "mine");
  assert.deepEqual([...Deno.readDirSync(`${folder.path}/predictions`)].length, 1);
});

Deno.test("what cannot be used is said in a line", async () => {
  using folder = testFolder({ "photo.jpg": await photo(), "empty/x.txt": "" });
  const photoTypo = await predict(folder, "last", "phto.jpg");
  assert.equal(photoTypo.code, 2);
  assert.equal(
    photoTypo.stderr,
    'error: there is no photo phto.jpg\n  did you mean "photo.jpg"?\n',
  );
  const empty = await predict(folder, "last", "empty");
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /^error: there are no pictures in empty\n/);
  const nothing = await predict(folder, "last", "photo.jpg");
  assert.equal(nothing.code, 2);
  assert.match(nothing.stderr, /^error: there is no run "last": nothing was run yet/);
  const tile = await predict(folder, "last", "photo.jpg", "--tile", "0");
  assert.equal(tile.code, 2);
  assert.match(tile.stderr, /expected a whole number, 1 or more/);
});
