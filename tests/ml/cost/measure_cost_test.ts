/**
 * The networks' costs beside what is known of the originals: their parameters, and their
 * multiply-accumulates in billions, as counted with PyTorch.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import type { Cost } from "../../../ml/cost/cost.ts";
import { measureCost, type MeasuredCost } from "../../../ml/cost/measure_cost.ts";
import type { Role } from "../../../ml/cost/role.ts";
import { role as classification } from "../../../ml/cost/roles/classification.ts";
import { role as detection } from "../../../ml/cost/roles/detection.ts";
import { role as segmentation } from "../../../ml/cost/roles/segmentation.ts";
import { role as sr } from "../../../ml/cost/roles/sr.ts";
import * as resnet from "../../../models/classification/resnet.ts";
import * as fasterRcnn from "../../../models/detection/faster_rcnn.ts";
import * as deeplab from "../../../models/segmentation/deeplab_v3.ts";
import * as edsr from "../../../models/sr/edsr.ts";
import * as nafnet from "../../../models/sr/nafnet.ts";
import * as rrdbnet from "../../../models/sr/rrdbnet.ts";
import * as swinir from "../../../models/sr/swinir.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

interface Module {
  options: { parse(given: unknown): Record<string, unknown> };
}

async function measure(
  role: Role,
  module: Module,
  size: readonly [number, number],
  given: Record<string, unknown> = {},
  classes = 21,
): Promise<MeasuredCost> {
  const before = tf.memory().numTensors;
  const options = module.options.parse(given);
  const passes = { warmUp: 0, passes: 1 };
  const cost = await measureCost({ role, module, options, size, classes, seed: 1, ...passes });
  assert.equal(tf.memory().numTensors, before, "no tensor stays");
  return cost;
}

const billions = ({ macs }: Pick<Cost, "macs">, times = 1) =>
  times * (macs.convolutions + macs.depthwise + macs.products) / 1e9;

/** To the two digits that are known. */
const near = (got: number, wanted: number, name: string) =>
  assert.ok(Math.abs(got - wanted) <= 0.006, `${name}: ${got}, expected ${wanted}`);

testWithBackend("EDSR costs as many multiply-accumulates as the original", async () => {
  const x4 = await measure(sr, edsr, [48, 48]);
  // All of it are convolutions of stride 1: twice the pixels are twice the work.
  assert.equal(billions(await measure(sr, edsr, [48, 96])), billions(x4, 2));
  near(billions(x4, (480 / 48) ** 2), 28.56, "x4 at 480");
  near(billions(x4, (224 / 48) ** 2), 6.22, "x4 at 224");
  const x8 = await measure(sr, edsr, [48, 48], { scale: 8 });
  near(billions(x8, (480 / 48) ** 2), 15.93, "x8 at 480");
  near(billions(x8, (224 / 48) ** 2), 3.47, "x8 at 224");
  assert.deepEqual(x4.parameters, { trained: 1_517_571, frozen: 0, buffer: 24 });
  assert.deepEqual([x4.input, x8.input], [[12, 12], [6, 6]]);
});

testWithBackend("SwinIR costs as many multiply-accumulates as the original", async () => {
  // Windows of 8x8 cells know nothing of each other, and maps are padded to whole ones.
  const shallow = { depths: [2], heads: [6] };
  const one = await measure(sr, swinir, [32, 32], shallow);
  assert.equal(billions(await measure(sr, swinir, [32, 64], shallow)), billions(one, 2));
  const window = await measure(sr, swinir, [32, 32]);
  near(billions(window, (120 / 8) ** 2), 188.28, "x4 at 480");
  near(billions(window, (56 / 8) ** 2), 41.0, "x4 at 224");
  const x8 = await measure(sr, swinir, [64, 64], { scale: 8 });
  near(billions(x8, (64 / 8) ** 2), 63.56, "x8 at 480, 60 padded to 64");
  near(billions(x8, (32 / 8) ** 2), 15.89, "x8 at 224, 28 padded to 32");
  assert.deepEqual(window.parameters, { trained: 11_900_199, frozen: 0, buffer: 2_801_664 });
});

testWithBackend("RRDBNet and NAFNet cost what their definitions say", async () => {
  const rrdb = await measure(sr, rrdbnet, [32, 32], { blocks: 2, channels: 8, growth: 4 });
  const dense = 9 * (4 * (8 + 12 + 16 + 20) + 24 * 8);
  // Cells of the input; twice the side is four times the cells.
  const perCell = 9 * (3 * 8) + 6 * dense + 9 * 64 + 4 * 9 * 64 + 16 * (9 * 64 * 2 + 9 * 8 * 3);
  assert.deepEqual(rrdb.macs, { convolutions: 64 * perCell, depthwise: 0, products: 0 });
  // PyTorch counts 15,956,027,392 at 256x256, and the authors say 16 billions. A part of it does
  // not grow with the image: what is multiplied behind the means over whole maps.
  const quarter = billions(await measure(sr, nafnet, [32, 32], { scale: 1 }));
  const whole = billions(await measure(sr, nafnet, [64, 64], { scale: 1 }));
  const fixed = (4 * quarter - whole) / 3;
  near(64 * (quarter - fixed) + fixed, 15.956, "NAFNet at 256");
});

testWithBackend(
  "The task networks cost as many multiply-accumulates as the originals",
  async () => {
    const r18 = await measure(classification, resnet, [224, 224], {}, 196);
    near(billions(r18), 1.81, "ResNet-18 at 224");
    assert.equal(r18.parameters.trained, 11_277_060);

    const segmenter = await measure(segmentation, deeplab, [480, 480]);
    near(billions(segmenter), 8.65, "DeepLab at 480");
    assert.equal(segmenter.parameters.trained, 11_029_328);
    assert.ok(segmenter.macs.depthwise > 0);
  },
);

testWithBackend("The detector costs as many multiply-accumulates as the original", async () => {
  const { macs, parameters } = await measure(detection, fasterRcnn, [480, 480]);
  // The two fully connected layers see up to 1000 regions, by what random weights propose.
  assert.ok(Math.abs(billions({ macs }) - 18.5) < 0.2, `${billions({ macs })}`);
  assert.deepEqual(parameters, { trained: 18_968_708, frozen: 58_896, buffer: 48_800 });
});

testWithBackend("A size that a scale does not divide is refused with what to do", async () => {
  await assert.rejects(measure(sr, edsr, [30, 32]), {
    name: "InputError",
    message: "Cannot make images of 30x32 from smaller ones at x4: " +
      "expected sides that are multiples of 4; change size",
  });
});
