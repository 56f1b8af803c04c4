/**
 * Exported models compute what the networks compute: measured with ONNX Runtime where it can be had,
 * on random pictures of several sizes.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { Params } from "../../../ml/nn/params.ts";
import { stream } from "../../../ml/tensor/random.ts";
import { exportOnnx } from "../../../ml/weights/onnx/export_onnx.ts";
import { lower } from "../../../ml/weights/onnx/lower.ts";
import { networkOutputs, type Outputs } from "../../../ml/weights/onnx/network_outputs.ts";
import { record } from "../../../ml/weights/onnx/record.ts";
import { type Numbers, onnxRuntimeProblem, runOnnx } from "../../helpers/onnx_runtime.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

/** Largest difference, of the largest number; 5e-6 was the most that was measured. */
const TOLERANCE = 1e-4;

/** A network and the size of the pictures of its first sample. */
interface Case {
  network: string;
  options?: Record<string, unknown>;
  size: [number, number];
  /** Which axes of the input are open. */
  open: { batch: boolean; size: "any" | "multiples of 32" | "fixed" };
}

const ANY = { batch: true, size: "any" } as const;
const FIXED = { batch: true, size: "fixed" } as const;

const CASES: Case[] = [
  { network: "sr/edsr", options: { blocks: 2, channels: 16 }, size: [12, 16], open: ANY },
  { network: "sr/edsr_light", size: [12, 16], open: ANY },
  {
    network: "sr/swinir",
    options: { embed: 12, depths: [2, 2], heads: [2, 3], window: 4, image_size: 8 },
    size: [10, 12],
    open: FIXED,
  },
  {
    network: "classification/resnet",
    options: { num_classes: 10 },
    size: [32, 64],
    open: ANY,
  },
  { network: "classification/resnet_light", size: [40, 40], open: ANY },
  {
    network: "classification/vgg",
    options: { num_classes: 10, hidden: 16, batch_norm: true },
    size: [96, 64],
    open: FIXED,
  },
  { network: "segmentation/deeplab_v3", size: [32, 64], open: ANY },
  { network: "segmentation/deeplab_v3_light", size: [32, 48], open: ANY },
  {
    network: "detection/faster_rcnn_light",
    size: [32, 64],
    open: { batch: true, size: "multiples of 32" },
  },
  {
    network: "detection/faster_rcnn",
    options: { min_size: 64, max_size: 96 },
    size: [32, 64],
    open: FIXED,
  },
];

const problem = await onnxRuntimeProblem();

for (const { network, options, size, open } of CASES) {
  testWithBackend(`${network} is exported with the axes that may vary open`, async () => {
    const { params, outputs } = await build(network, options);
    const { input, multiple } = await exportOnnx(outputs, params, [...size, 3]);
    const [height, width] = open.size === "fixed" ? size : [undefined, undefined];
    assert.deepEqual(input, [open.batch ? undefined : 1, 3, height, width]);
    const expected = { "any": 1, "multiples of 32": 32, "fixed": undefined };
    assert.equal(multiple, expected[open.size]);
    params.dispose();
  });
  Deno.test({
    name: `${network} computes the same in ONNX Runtime${
      problem === undefined ? "" : ` (it cannot be had: ${problem})`
    }`,
    ignore: problem !== undefined,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await (await import("../../helpers/backend.ts")).testBackend();
      const { params, outputs } = await build(network, options);
      const { bytes } = await exportOnnx(outputs, params, [...size, 3]);
      const [height, width] = size;
      const sizes = [[1, height, width], [3, height, width]];
      if (open.size === "any") sizes.push([2, height + 21, width + 46]);
      if (open.size === "multiples of 32") sizes.push([2, height + 32, width + 96]);
      const pictures = sizes.map(randomPictures);
      const answers = await runOnnx(bytes, await Promise.all(pictures.map(channelsFirst)));
      for (const [i, x] of pictures.entries()) {
        for (const [name, wanted] of Object.entries(outputs(x))) {
          await assertNear(answers[i][name], wanted, `${name} of [${sizes[i]}]`);
        }
      }
      params.dispose();
    },
  });
}

testWithBackend(
  "EDSR is convolutions without a transpose, weights under PyTorch's names",
  async () => {
    const { params, outputs } = await build("sr/edsr", { blocks: 1, channels: 8, scale: 2 });
    const sample: tf.Tensor4D = tf.zeros([1, 6, 8, 3]);
    const recording = await record(outputs, sample, params.all());
    const weights = await params.snapshot();
    const graph = lower(recording, weights);
    assert.deepEqual(graph.nodes.map(({ op }) => op), [
      ..."Mul Add Conv Conv Relu Conv Add Conv Add Conv DepthToSpace Conv Add Div Identity".split(
        " ",
      ),
    ]);
    const named = weights.filter(({ name }) =>
      name !== "sub_mean.weight" && name !== "add_mean.weight"
    );
    for (const { name, data } of named) {
      assert.deepEqual(graph.initializers.get(name)?.data, data, name);
    }
    params.dispose();
  },
);

testWithBackend("what logits and features share is there once", async () => {
  const { params, outputs } = await build("classification/resnet_light", {});
  const recording = await record(outputs, tf.zeros([1, 16, 16, 3]), params.all());
  const graph = lower(recording, await params.snapshot());
  assert.equal(graph.nodes.filter(({ op }) => op === "Conv").length, 9);
  params.dispose();
});

testWithBackend("equal networks give equal bytes", async () => {
  const one = async () => {
    const { params, outputs } = await build("sr/edsr_light", { blocks: 1 });
    const { bytes } = await exportOnnx(outputs, params, [8, 8, 3], { network: "sr/edsr_light" });
    params.dispose();
    return bytes;
  };
  assert.deepEqual(await one(), await one());
});

testWithBackend("a kernel that is not translated is named", async () => {
  const params = Params.create(1);
  await assert.rejects(
    () => exportOnnx((x) => ({ y: tf.cumsum(x, 3) }), params, [4, 4, 3]),
    { name: "InputError", message: /^Cannot write this network as ONNX: it uses Cumsum of tfjs/ },
  );
});

testWithBackend("recording leaves tfjs as it was, even if the network throws", async () => {
  const { runKernel } = tf.engine();
  const broken = () => {
    throw new RangeError("no");
  };
  await assert.rejects(() => record(broken, tf.zeros([1, 2, 2, 3]), []), { message: "no" });
  assert.equal(tf.engine().runKernel, runKernel);
});

/** Of running statistics, so that they count and no channel dies of them. */
const RANGES: [end: string, least: number, most: number][] = [
  ["running_mean", -0.1, 0.1],
  ["running_var", 0.5, 1.5],
];

/** A network whose statistics are not those of its first day. */
async function build(
  network: string,
  options: Record<string, unknown> = {},
): Promise<{ params: Params; outputs: Outputs }> {
  const module = await import(`../../../models/${network}.ts`);
  const params = Params.create(1);
  const net = module.build(params, module.options.parse(options));
  const random = stream(2, network);
  for (const { name, variable } of params.all()) {
    const range = RANGES.find(([end]) => name.endsWith(end));
    if (range === undefined) continue;
    const [, least, most] = range;
    const values = Float32Array.from(
      { length: variable.size },
      () => least + random.uniform() * (most - least),
    );
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
  return { params, outputs: networkOutputs(network.split("/")[0], net) };
}

function randomPictures(shape: number[]): tf.Tensor4D {
  const random = stream(3, "pictures");
  const [B, H, W] = shape;
  return tf.tensor4d(Float32Array.from({ length: B * H * W * 3 }, () => random.uniform()), [
    B,
    H,
    W,
    3,
  ]);
}

/** [B, H, W, C] → [B, C, H, W]; other ranks as they are. */
async function channelsFirst(x: tf.Tensor): Promise<Numbers> {
  const moved = x.rank === 4 ? tf.transpose(x, [0, 3, 1, 2]) : x;
  return { dims: moved.shape, data: await moved.data<"float32">() };
}

async function assertNear(
  answer: Numbers,
  wanted: tf.Tensor,
  what: string,
): Promise<void> {
  const expected = await channelsFirst(wanted);
  assert.deepEqual(answer.dims, expected.dims, what);
  const [a, b] = [answer.data, expected.data];
  let [difference, largest] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]));
    largest = Math.max(largest, Math.abs(b[i]));
  }
  assert.ok(largest > 0, `${what} is 0 everywhere, which tells nothing`);
  assert.ok(difference / largest < TOLERANCE, `${what}: ${difference / largest}`);
}
