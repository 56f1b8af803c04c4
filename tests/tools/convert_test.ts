import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Params } from "../../ml/nn/params.ts";
import { readSafetensors, writeSafetensors } from "../../ml/weights/safetensors.ts";
import { findWeights, readFloat32 } from "../../ml/weights/find_weights.ts";
import { openWeights } from "../../ml/weights/open_weights.ts";
import * as resnet from "../../models/classification/resnet_light.ts";
import * as edsr from "../../models/sr/edsr_light.ts";
import { type TestFolder, testFolder } from "../helpers/folder.ts";
import { testWithBackend } from "../helpers/with_backend.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const CLASSES = ["cat", "dog", "owl"];

const MODEL = {
  setting: "sr4ir",
  seed: 1,
  scale: 2,
  degradation: "official",
  classes: CLASSES,
  task: { network: "classification/resnet_light", options: {} },
  sr: { network: "edsr_light", options: { blocks: 1, channels: 4 } },
};

/** A folder `model` as a training leaves it, and what its networks hold. */
async function modelFolder() {
  const folder = testFolder({ "model/model.json": JSON.stringify(MODEL) });
  const [S, T] = [Params.create(1), Params.create(2)];
  edsr.build(S, edsr.options.parse({ ...MODEL.sr.options, scale: MODEL.scale }));
  resnet.build(T, resnet.options.parse({ num_classes: CLASSES.length }));
  const [sr, task] = [await S.snapshot(), await T.snapshot()];
  await writeSafetensors(`${folder.path}/model/sr.safetensors`, sr);
  await writeSafetensors(`${folder.path}/model/task.safetensors`, task);
  S.dispose();
  T.dispose();
  return { folder, sr, task };
}

/** Runs the task's command. */
async function convert(folder: TestFolder, ...args: string[]) {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`));
  const [, ...command] = tasks.convert.command.split(" ");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...command, ...args, "--store", `${folder.path}/store`, "--backend", "wasm", "--quiet"],
    cwd: ROOT,
    env: { INIT_CWD: folder.path, NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

testWithBackend("convert writes S of a model as ONNX, and says what it takes", async () => {
  const { folder } = await modelFolder();
  using _ = folder;
  const { code, stdout, stderr } = await convert(folder, "model", "sr.onnx");
  assert.equal(code, 0, stderr);
  assert.equal(
    stdout,
    `
sr.onnx: sr/edsr_light
  input: RGB in [0, 1], [batch, 3, height, width]
  output output: [batch, 3, ?, ?]
`.trimStart(),
  );
  const bytes = await Deno.readFile(`${folder.path}/sr.onnx`);
  assert.deepEqual(
    [...bytes.subarray(0, 2)],
    [0x08, 8],
    "a message whose first field is the IR version",
  );
});

testWithBackend("convert writes T as .pth and takes it back, every number equal", async () => {
  const { folder, task } = await modelFolder();
  using _ = folder;
  const first = await convert(folder, "model", "task.pth", "--part", "task");
  assert.equal(first.code, 0, first.stderr);
  const { tensors } = findWeights(await openWeights(`${folder.path}/task.pth`));
  assert.deepEqual(
    await Promise.all(tensors.map(async (tensor) => ({
      name: tensor.name,
      shape: tensor.shape,
      data: await readFloat32(tensor, true),
    }))),
    task,
  );
  const counters = tensors.filter(({ name }) => name.endsWith("num_batches_tracked"));
  assert.deepEqual([...new Set(counters.map(({ dtype }) => dtype))], ["int64"]);

  const back = await convert(
    folder,
    ...["task.pth", "back.safetensors", "--network", "classification/resnet_light"],
    ...["--option", "num_classes=3", "--json"],
  );
  assert.equal(back.code, 0, back.stderr);
  const { file, part, format } = JSON.parse(back.stdout);
  assert.deepEqual({ file, part, format }, {
    file: "back.safetensors",
    part: "task",
    format: "safetensors",
  });
  assert.deepEqual((await readSafetensors(`${folder.path}/back.safetensors`)).tensors, task);
});

testWithBackend("convert refuses weights that do not fit, without a stack trace", async () => {
  const { folder } = await modelFolder();
  using _ = folder;
  const { code, stderr } = await convert(
    folder,
    ...["model/task.safetensors", "x.onnx", "--network", "classification/resnet_light"],
  );
  assert.equal(code, 1);
  assert.match(stderr, /tensors do not fit\n {2}fc\.weight is \[3,64\], not \[8,64\]/);
  assert.doesNotMatch(stderr, /\n {4}at /);
});

Deno.test("convert names what is wrong before it works", async () => {
  using folder = testFolder({ "there.onnx": "", "w.safetensors": "" });
  const cases: [string[], string][] = [
    [
      ["last", "out.tflite"],
      "error: Cannot tell what out.tflite is to be\n" +
      "  expected a name that ends in .onnx, .pth, .pt, .safetensors\n",
    ],
    [
      ["last", "there.onnx"],
      "error: there.onnx is there already\n  name another file, or add --force to write over it\n",
    ],
    [["last", "no/a.onnx"], "error: Cannot write no/a.onnx: there is no folder no\n"],
    [
      ["w.safetensors", "a.onnx"],
      "error: w.safetensors does not say which network it is for\n" +
      "  add --network, a file below models: --network sr/edsr --scale 4\n",
    ],
    [
      ["w.safetensors", "a.onnx", "--network", "sr/edsr", "--part", "task"],
      "error: w.safetensors has no task network\n  its other one is had by --part sr\n",
    ],
  ];
  for (const [args, expected] of cases) {
    const { code, stderr } = await convert(folder, ...args);
    assert.equal(stderr, expected);
    assert.equal(code, 2);
  }
});
