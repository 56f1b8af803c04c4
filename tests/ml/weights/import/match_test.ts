/**
 * Names of torchvision's networks against those here; the numbers are those that its own files give.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { mobileNetV3Classifier, NORM } from "../../../../models/backbones/mobilenet_v3.ts";
import * as resnet from "../../../../models/classification/resnet.ts";
import * as resnetLight from "../../../../models/classification/resnet_light.ts";
import * as vgg from "../../../../models/classification/vgg.ts";
import * as fasterRcnn from "../../../../models/detection/faster_rcnn.ts";
import * as fasterRcnnLight from "../../../../models/detection/faster_rcnn_light.ts";
import * as deeplab from "../../../../models/segmentation/deeplab_v3.ts";
import * as deeplabLight from "../../../../models/segmentation/deeplab_v3_light.ts";
import * as edsr from "../../../../models/sr/edsr.ts";
import * as edsrLight from "../../../../models/sr/edsr_light.ts";
import * as swinir from "../../../../models/sr/swinir.ts";
import { declarations } from "../../../../ml/weights/import/declarations.ts";
import { match, type Named } from "../../../../ml/weights/import/match.ts";
import { betterNetwork, reportOf } from "../../../../ml/weights/import/report.ts";
import { testWithBackend } from "../../../helpers/with_backend.ts";
import { declaredBy, type NetworkModule } from "./filled.ts";

const detector = await declaredBy(fasterRcnn);
const segmenter = await declaredBy(deeplab);
const imageNet = await declarations((p) => mobileNetV3Classifier(p, { norm: NORM, classes: 1000 }));

function counts(tensors: readonly Named[], declared: typeof detector) {
  const { matched, renamed, missing, unexpected, ignored, other_classes, wrong_shape } = reportOf(
    match(tensors, declared),
    [],
  ).counts;
  return { matched, renamed, missing, unexpected, ignored, other_classes, wrong_shape };
}

const NONE = {
  matched: 0,
  renamed: 0,
  missing: 0,
  unexpected: 0,
  ignored: 0,
  other_classes: 0,
  wrong_shape: 0,
};

Deno.test("MobileNetV3 trained on ImageNet becomes the body of the detector and of the segmenter", () => {
  assert.deepEqual(counts(imageNet, detector), {
    ...NONE,
    renamed: 262,
    missing: 22,
    unexpected: 4,
    ignored: 46,
  });
  assert.deepEqual(counts(imageNet, segmenter), {
    ...NONE,
    renamed: 308,
    missing: 44,
    unexpected: 4,
  });
  const { renamed } = reportOf(match(imageNet, detector), []);
  assert.deepEqual(renamed.find(({ from }) => from === "features.3.block.0.0.weight"), {
    from: "features.3.block.0.0.weight",
    to: "backbone.body.3.block.0.0.weight",
    family: "torchvision's backbones",
  });
});

Deno.test("a detector's body becomes a segmenter's, and the other way round", () => {
  assert.equal(counts(detector, segmenter).renamed, 262);
  assert.equal(counts(segmenter, detector).renamed, 262);
});

Deno.test("torchvision's older names of the pyramid and the proposals are known", () => {
  const old = detector.map(({ name, shape }) => ({
    name: name.replace(/(_blocks\.\d)\.0\./, "$1.").replace("conv.0.0.", "conv."),
    shape,
  }));
  const names = old.map(({ name }) => name);
  assert.ok(names.includes("backbone.fpn.inner_blocks.0.weight"));
  assert.ok(names.includes("rpn.head.conv.bias"));
  assert.deepEqual(counts(old, detector), { ...NONE, matched: 274, renamed: 10 });
});

Deno.test("a last layer for another number of classes is told from a wrong shape", async () => {
  const thousand = await declaredBy(resnet);
  assert.deepEqual(counts(thousand, await declaredBy(resnet, { num_classes: 196 })), {
    ...NONE,
    matched: 120,
    other_classes: 2,
  });
  const deep = counts(await declaredBy(resnet, { depth: 50 }), thousand);
  assert.deepEqual([deep.other_classes, deep.wrong_shape > 0], [0, true]);
});

Deno.test("every network is known by its names", async () => {
  const networks: [string, NetworkModule, Record<string, unknown>, string?][] = [
    ["sr/edsr", edsr, { scale: 2, channels: 4 }, "scale: 2"],
    ["sr/edsr", edsr, { scale: 4, channels: 4 }, "scale: 4"],
    ["sr/edsr", edsr, { scale: 8, channels: 4 }, "scale: 8"],
    ["sr/edsr_light", edsrLight, {}],
    ["sr/swinir", swinir, { scale: 2, embed: 6 }, "scale: 2"],
    ["sr/swinir", swinir, { scale: 4, embed: 6 }, "scale: 4"],
    ["sr/swinir", swinir, { scale: 8, embed: 6 }, "scale: 8"],
    ["detection/faster_rcnn_light", fasterRcnnLight, {}],
    ["segmentation/deeplab_v3_light", deeplabLight, {}],
    ["classification/resnet_light", resnetLight, {}],
    ["classification/resnet", resnet, { depth: 18 }, "depth: 18"],
    ["classification/resnet", resnet, { depth: 34 }, "depth: 34"],
    ["classification/resnet", resnet, { depth: 50 }, "depth: 50"],
    ["classification/resnet", resnet, { depth: 101 }, "depth: 101"],
    ...[11, 13, 16, 19].flatMap((depth) =>
      [true, false].map((batch_norm): [string, NetworkModule, Record<string, unknown>, string] => [
        "classification/vgg",
        vgg,
        { depth, batch_norm, hidden: 4 },
        `depth: ${depth}, batch_norm: ${batch_norm}`,
      ])
    ),
  ];
  for (const [network, module, options, said] of networks) {
    const names = (await declaredBy(module, options)).map(({ name }) => name);
    const expected = network + (said === undefined ? "" : ` with ${said}`);
    assert.equal(betterNetwork(names, "another", {}), expected);
    assert.equal(betterNetwork(names, network, options), undefined, expected);
  }
  const large = { "detection/faster_rcnn": detector, "segmentation/deeplab_v3": segmenter };
  for (const [network, declared] of Object.entries(large)) {
    assert.equal(betterNetwork(declared.map(({ name }) => name), "another", {}), network);
  }
  assert.equal(betterNetwork(["x.weight"], "another", {}), undefined);
});

testWithBackend(
  "looking at declarations leaves the backend and its tensors as they were",
  async () => {
    const state = () => ({ backend: tf.getBackend(), tensors: tf.memory().numTensors });
    const before = state();
    const x = tf.tensor1d([1, 2]);
    await declaredBy(edsr, { channels: 4 });
    assert.deepEqual([...tf.tidy(() => tf.add(x, x).dataSync())], [2, 4]);
    x.dispose();
    assert.deepEqual(state(), before);
  },
);
