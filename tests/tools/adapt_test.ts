/**
 * `deno task adapt` as a person runs it: networks that were never trained, small pictures, the real
 * pipeline.
 *
 * @module
 */
import assert from "node:assert/strict";
import sharp from "sharp";
import { checkpoint, Params } from "../../ml/nn/params.ts";
import { readDescription, writeWeights } from "../../ml/train/model_folder.ts";
import { readSafetensors } from "../../ml/weights/safetensors.ts";
import * as edsr from "../../models/sr/edsr_light.ts";
import { type TestFolder, testFolder } from "../helpers/folder.ts";
import { CLASSES, randomModel } from "../helpers/random_model.ts";
import { runTool } from "../helpers/run_tool.ts";
import { testWithBackend } from "../helpers/with_backend.ts";

/** So little that a test can wait for it. */
const SHORT = [
  ...["--side", "32", "--set", "data.windows=8", "--set", "adapt.batch_size=4"],
  ...["--set", "adapt.epochs=1", "--set", "sr.epochs=1", "--set", "sr.batch_size=4"],
];

function adapt(folder: TestFolder, ...args: string[]) {
  return runTool("adapt", folder, ...args);
}

/** Hills of another shape for each place. */
async function photo(place: number, width = 44, height = 36): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return 128 + 100 * Math.sin(x / (3 + place) + i % 3) * Math.cos(y / 4);
  });
  return await sharp(data, { raw: { width, height, channels: 3 } }).png().toBuffer();
}

async function photos(count = 4): Promise<Record<string, Uint8Array>> {
  const all = Array.from(
    { length: count },
    async (_, i) => [`p/${i}.png`, await photo(i)] as const,
  );
  return Object.fromEntries(await Promise.all(all));
}

/** The results that `--json` names, as folders. */
function outputs(folder: TestFolder, stdout: string): (stage: string, output: string) => string {
  const { stages } = JSON.parse(stdout);
  return (stage, output) => {
    const found = stages.find(({ id }: { id: string }) => id === stage);
    return `${folder.path}/store/trees/${found.outputs[output]}`;
  };
}

testWithBackend("S is adapted to a detector, and predict takes the model", async () => {
  using folder = testFolder(await photos());
  await randomModel(`${folder.path}/T`, "detection");
  const { code, stdout, stderr } = await adapt(folder, "T", "p", ...SHORT, "--json");
  assert.equal(code, 0, stderr);
  const at = outputs(folder, stdout);
  const model = at("adapt", "model");
  const { setting, classes, scale, sr } = await readDescription(model);
  assert.deepEqual([setting, classes, scale, sr?.network], [
    "label_free",
    CLASSES,
    4,
    "edsr_light",
  ]);
  // S began where that of the model was, and only S has moved.
  const tensors = async (file: string) => {
    const { tensors } = await readSafetensors(file);
    return Object.fromEntries(tensors.map(({ name, data }) => [name, [...data]]));
  };
  assert.deepEqual(
    await tensors(`${model}/task.safetensors`),
    await tensors(`${folder.path}/T/task.safetensors`),
  );
  const [before, after] = await Promise.all(
    [`${folder.path}/T`, model].map((one) => tensors(`${one}/sr.safetensors`)),
  );
  assert.notDeepEqual(after, before);
  const furthest = Math.max(
    ...Object.entries(before).flatMap(([name, values]) =>
      values.map((value, i) => Math.abs(value - after[name][i]))
    ),
  );
  assert.ok(furthest < 0.01, `moved by ${furthest}`); // two steps of 1e-3 at most

  const report = at("compare", "comparison");
  const { columns, rows } = JSON.parse(Deno.readTextFileSync(`${report}/comparison.json`));
  assert.deepEqual(columns, ["enlarged by", "F1", "feature distance", "PSNR"]);
  assert.deepEqual(rows.map(([label]: string[]) => label), [
    "bicubic",
    "S before",
    "S by pixels alone (control)",
    "S by pixels and what T sees",
  ]);
  for (const [, , distance, psnr] of rows) assert.ok(distance > 0 && psnr > 5);
  const page = Deno.readTextFileSync(`${report}/report.html`);
  assert.match(page, /This goes beyond the paper/);
  assert.equal(page.match(/<svg class="(low|seen)"/g)?.length, 6); // LR, four, original

  const seen = await runTool("predict", folder, "last:adapt.model", "p/0.png");
  assert.equal(seen.code, 0, seen.stderr);
  assert.match(seen.stdout, /predictions\/0_sr\.png/);
});

testWithBackend("without an S one is trained on the same pictures first", async () => {
  using folder = testFolder(await photos());
  await randomModel(`${folder.path}/T`, "segmentation", { sr: false });
  const { code, stdout, stderr } = await adapt(folder, "T", "p", ...SHORT);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /✓ sr /);
  assert.match(stderr, /3 pictures to learn from, in 8 windows of 32x32 pixels; 1 held out/);
  assert.match(stdout + stderr, /enlarged by\s+mIoU\s+feature distance\s+PSNR/);
  assert.match(stdout, /deno task predict last:adapt\.model photo\.jpg/);
});

testWithBackend("files of weights are taken with their networks, scale and names", async () => {
  using folder = testFolder(await photos());
  await randomModel(`${folder.path}/T`, "classification", { sr: false });
  const S = Params.create(1, checkpoint([]));
  edsr.build(S, edsr.options.parse({ scale: 2 }));
  Deno.mkdirSync(`${folder.path}/S`);
  await writeWeights(`${folder.path}/S`, "sr", S);
  S.dispose();
  const files = ["T/task.safetensors", "p", "--network", "classification/resnet_light"];
  const start = ["--sr", "S/sr.safetensors", "--sr-network", "edsr_light", "--scale", "2"];
  const names = ["--classes", "ant,bee,cat"];
  const { code, stdout, stderr } = await adapt(
    folder,
    ...[...files, ...start, ...names, ...SHORT, "--json"],
  );
  assert.equal(code, 0, stderr);
  const { classes, scale } = await readDescription(outputs(folder, stdout)("adapt", "model"));
  assert.deepEqual([classes, scale], [["ant", "bee", "cat"], 2]);

  const fewer = await adapt(folder, ...files, ...start, "--classes", "ant,bee", ...SHORT);
  assert.equal(fewer.code, 1);
  assert.match(fewer.stderr, /its weights are for 3, but there are 2 names: ant, bee/);
  const wrong = files.with(3, "classification/resnet");
  const other = await adapt(folder, ...wrong, ...start, ...names, ...SHORT);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /Cannot import .*task\.safetensors into classification\/resnet: /);
});

testWithBackend("pictures that cannot be used are left out by name, or refused", async () => {
  using folder = testFolder({
    ...await photos(),
    "p/broken.jpg": "no picture",
    "p/dot.png": await photo(1, 20, 90),
    "small/a.png": await photo(1, 20, 30),
    "small/b.png": await photo(2, 30, 20),
    "text/note.txt": "no picture",
  });
  Deno.mkdirSync(`${folder.path}/empty`);
  await randomModel(`${folder.path}/T`, "classification");
  const { code, stderr } = await adapt(folder, "T", "p", ...SHORT);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /broken\.jpg.*it is left out/);
  assert.match(stderr, /dot\.png is left out: it is 20x90/);

  const refused: [string, RegExp][] = [
    ["small", /Cannot cut windows of 32x32 pixels: the largest of 2 pictures is 20x30/],
    ["text", /Cannot use .*text: expected pictures such as .*found note\.txt/],
    ["empty", /Cannot use .*empty: expected pictures such as .*it is empty/],
  ];
  for (const [pictures, message] of refused) {
    const end = await adapt(folder, "T", pictures, ...SHORT);
    assert.equal(end.code, 1, pictures);
    assert.match(end.stderr, message);
  }
});

testWithBackend("what cannot be adapted is said in a line", async () => {
  using folder = testFolder(await photos(1));
  await randomModel(`${folder.path}/T`, "detection");
  await randomModel(`${folder.path}/alone`, "detection", { sr: false });
  const refused: [string[], string][] = [
    [["T", "pp"], "error: there is no folder pp\n"],
    [["T", "p/0.png"], "error: p/0.png is a file; expected a folder of pictures\n"],
    [
      ["T", "p", "--scale", "2"],
      "error: the S of T enlarges by 4, not by 2\n" +
      "  leave --scale out, or name another S by --sr\n",
    ],
    [
      ["T", "p", "--sr-network", "edsr"],
      "error: --sr-network says which network the file of --sr is for, but there is no --sr\n" +
      "  to train another S first: --set sr.weights=null --set sr.network=edsr\n",
    ],
    [
      ["T", "p", "--sr", "alone"],
      "error: alone has no super-resolution network to start from\n" +
      "  leave --sr out to train one on the same pictures first\n",
    ],
    [
      ["T", "p", "--sr", "T/sr.safetensors"],
      "error: T/sr.safetensors does not say which network it is for\n" +
      "  add --sr-network, such as --sr-network edsr\n",
    ],
    [
      ["T/sr.safetensors", "p", "--network", "sr/edsr_light"],
      "error: T/sr.safetensors has no task network, only a super-resolution network\n" +
      "  name the task network first, and S by --sr\n",
    ],
  ];
  for (const [args, message] of refused) {
    const { code, stderr } = await adapt(folder, ...args);
    assert.equal(code, 2, stderr);
    assert.equal(stderr, message);
  }
  const side = await adapt(folder, "T", "p", "--side", "20");
  assert.equal(side.code, 2);
  assert.match(side.stderr, /"side"/);
});
