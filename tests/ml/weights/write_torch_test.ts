/**
 * A written state_dict is what PyTorch reads: checked with this project's reader, and with PyTorch
 * itself where Python has it (`SR4IR_TORCH_PYTHON` names another interpreter than `python3`).
 *
 * @module
 */
import assert from "node:assert/strict";
import { type NamedTensor, Params } from "../../../ml/nn/params.ts";
import { openWeights } from "../../../ml/weights/open_weights.ts";
import { Stretch } from "../../../ml/weights/stretch.ts";
import { writeStateDict } from "../../../ml/weights/write_torch/state_dict.ts";
import { entryBytes, zipEntries } from "../../../ml/weights/zip_entries.ts";
import { mobileNetV3Classifier, NORM } from "../../../models/backbones/mobilenet_v3.ts";
import * as resnet from "../../../models/classification/resnet.ts";
import * as fasterRcnn from "../../../models/detection/faster_rcnn.ts";
import * as deepLab from "../../../models/segmentation/deeplab_v3.ts";
import { testBackend } from "../../helpers/backend.ts";
import { testFolder } from "../../helpers/folder.ts";

const PYTHON = Deno.env.get("SR4IR_TORCH_PYTHON") ?? "python3";

const TENSORS: NamedTensor[] = [
  { name: "conv.weight", shape: [2, 1, 1, 3], data: Float32Array.of(1, -2, 3, 0.5, 1e-30, 7) },
  { name: "bn.num_batches_tracked", shape: [], data: Float32Array.of(41) },
  { name: "attn.relative_position_index", shape: [2, 2], data: Float32Array.of(4, 3, 5, 4) },
  { name: "größe", shape: [0, 3], data: new Float32Array(0) },
];

Deno.test("a written state_dict is read back with its names, types, shapes and numbers", async () => {
  using folder = testFolder();
  const file = `${folder.path}/a.pth`;
  await writeStateDict(file, TENSORS);
  const opened = await openWeights(file);
  assert.equal(opened.format, "torch-zip");
  const read = await Promise.all(
    [...opened.tensors].map(async ({ path, dtype, shape, read }) => ({
      name: path.join("/"),
      dtype,
      shape,
      numbers: Array.from((await read()) as Float32Array, Number),
    })),
  );
  assert.deepEqual(read, [
    {
      name: "conv.weight",
      dtype: "float32",
      shape: [2, 1, 1, 3],
      numbers: [1, -2, 3, 0.5, Math.fround(1e-30), 7],
    },
    { name: "bn.num_batches_tracked", dtype: "int64", shape: [], numbers: [41] },
    { name: "attn.relative_position_index", dtype: "int64", shape: [2, 2], numbers: [4, 3, 5, 4] },
    { name: "größe", dtype: "float32", shape: [0, 3], numbers: [] },
  ]);
});

Deno.test("its entries are stored at multiples of 64 bytes, and equal input gives equal bytes", async () => {
  using folder = testFolder();
  const [first, second] = [`${folder.path}/a.pth`, `${folder.path}/b.pth`];
  await writeStateDict(first, TENSORS);
  await writeStateDict(second, TENSORS);
  assert.deepEqual(await Deno.readFile(first), await Deno.readFile(second));
  const archive = await Stretch.of(first);
  const entries = await zipEntries(archive);
  assert.deepEqual([...entries.keys()], [
    "archive/data.pkl",
    "archive/byteorder",
    "archive/data/0",
    "archive/data/1",
    "archive/data/2",
    "archive/data/3",
    "archive/version",
  ]);
  for (const entry of entries.values()) {
    assert.equal(entry.method, 0, entry.name);
    assert.equal((await entryBytes(archive, entry)).start % 64, 0, entry.name);
  }
});

const torch = await pythonHas("torch");

Deno.test({
  name: `PyTorch loads it with weights_only=True${torch ? "" : ` (${PYTHON} has no torch)`}`,
  ignore: !torch,
  async fn() {
    using folder = testFolder();
    const file = `${folder.path}/a.pth`;
    await writeStateDict(file, TENSORS);
    const program = `
import json, sys, torch
d = torch.load(sys.argv[1], weights_only=True)
print(json.dumps([type(d).__name__, [[k, str(v.dtype), list(v.shape), v.flatten().tolist()] for k, v in d.items()]]))
`;
    assert.deepEqual(JSON.parse(await python(program, file)), ["OrderedDict", [
      ["conv.weight", "torch.float32", [2, 1, 1, 3], [1, -2, 3, 0.5, Math.fround(1e-30), 7]],
      ["bn.num_batches_tracked", "torch.int64", [], [41]],
      ["attn.relative_position_index", "torch.int64", [2, 2], [4, 3, 5, 4]],
      ["größe", "torch.float32", [0, 3], []],
    ]]);
  },
});

/** torchvision's modules and the networks here that their weights are for. */
const MODULES: Record<string, { python: string; build: (p: Params) => unknown }> = {
  "ResNet-18": {
    python: "models.resnet18()",
    build: (p) => resnet.build(p, resnet.options.parse({ depth: 18 })),
  },
  "MobileNetV3": {
    python: "models.mobilenet_v3_large()",
    build: (p) => mobileNetV3Classifier(p, { norm: NORM, classes: 1000 }),
  },
  "DeepLabV3": {
    python: "models.segmentation.deeplabv3_mobilenet_v3_large(" +
      "weights=None, weights_backbone=None, aux_loss=True)",
    build: (p) => deepLab.build(p, deepLab.options.parse({})),
  },
  "Faster R-CNN": {
    python: "models.detection.fasterrcnn_mobilenet_v3_large_fpn(" +
      "weights=None, weights_backbone=None, num_classes=21)",
    build: (p) => fasterRcnn.build(p, fasterRcnn.options.parse({})),
  },
};

const torchvision = torch && await pythonHas("torchvision");

for (const [name, { python: module, build }] of Object.entries(MODULES)) {
  Deno.test({
    name: `torchvision's ${name} takes it with strict=True${
      torchvision ? "" : ` (${PYTHON} has no torchvision)`
    }`,
    ignore: !torchvision,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await testBackend();
      using folder = testFolder();
      const params = Params.create(1);
      build(params);
      const tensors = await params.snapshot();
      await writeStateDict(`${folder.path}/a.pth`, tensors);
      params.dispose();
      const program = `
import json, sys, torch
from torchvision import models
m = ${module}
m.load_state_dict(torch.load(sys.argv[1], weights_only=True), strict=True)
print(json.dumps([[k, v.double().sum().item()] for k, v in m.state_dict().items()]))
`;
      const sums = new Map<string, number>(
        JSON.parse(await python(program, `${folder.path}/a.pth`)),
      );
      // Its detectors count batches if they are made without ImageNet's weights, else they do not.
      const isCounter = (name: string) => name.endsWith("num_batches_tracked");
      assert.deepEqual(
        [...sums.keys()].filter((name) => !isCounter(name)).sort(),
        tensors.map(({ name }) => name).filter((name) => !isCounter(name)).sort(),
      );
      for (const { name, data } of tensors) {
        const [sum, size] = data.reduce(([sum, size], n) => [sum + n, size + Math.abs(n)], [0, 0]);
        assert.ok(Math.abs(sums.get(name)! - sum) <= 1e-9 * size, name);
      }
    },
  });
}

async function python(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(PYTHON, {
    args: ["-c", program, ...args],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function pythonHas(module: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(PYTHON, {
      args: [
        "-c",
        `import importlib.util, sys; sys.exit(importlib.util.find_spec("${module}") is None)`,
      ],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false; // there is no Python
  }
}
