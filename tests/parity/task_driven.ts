/**
 * The task-driven perceptual loss on whole networks, and its gradient on the super-resolved image.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import type { Size } from "../../ml/nn/contracts.ts";
import { Params } from "../../ml/nn/params.ts";
import { featureDistance } from "../../ml/train/tdp.ts";
import * as resnet from "../../models/classification/resnet.ts";
import * as fasterRcnn from "../../models/detection/faster_rcnn.ts";
import * as deepLabV3 from "../../models/segmentation/deeplab_v3.ts";
import { segmenterOptions } from "./deeplab_v3.ts";
import { detectorOptions } from "./faster_rcnn.ts";
import {
  at,
  checkImage,
  checkScalar,
  entries,
  type Fixture,
  imageTensor,
  weightsSource,
} from "./harness.ts";

/** A network's features of images [B, H, W, 3] in [0, 1], by layer. */
type Features = (images: tf.Tensor4D) => Record<string, tf.Tensor4D>;

/** By task: declares its network by what the file says it is built with. */
const NETWORKS: Record<string, (p: Params, options: unknown) => Features> = {
  cls(p, options) {
    const { num_classes } = z.looseObject({ num_classes: z.int() }).parse(options);
    return resnet.build(p, resnet.options.parse({ num_classes })).features;
  },
  seg: (p, options) => deepLabV3.build(p, segmenterOptions(options)).features,
  det(p, options) {
    const detector = fasterRcnn.build(p, detectorOptions(options));
    return (images) => {
      const [B, H, W] = images.shape;
      return detector.features(images, Array.from({ length: B }, (): Size => [H, W]));
    };
  },
};

/** Compares `losses/task_driven*`. */
export default async function taskDriven(fixture: Fixture, t: Deno.TestContext): Promise<void> {
  for (const [task, inputs] of entries(fixture.inputs)) {
    await t.step(task, async () => {
      const declare = NETWORKS[task];
      assert.ok(declare !== undefined, `Unknown task "${task}"`);
      const p = Params.create(0, weightsSource(at(fixture.weights, task)));
      const features = declare(p, at(fixture.network_options, task));
      await compare(features, inputs, at(fixture.expected, task));
    });
  }
}

async function compare(features: Features, inputs: unknown, expected: unknown): Promise<void> {
  const weights = z.record(z.string(), z.number()).parse(at(inputs, "layer_weights"));
  const [sr, hr] = ["sr", "hr"].map((name) => imageTensor(at(inputs, name)));
  const original = features(hr);
  for (const [layer, value] of entries(at(expected, "per_layer"))) {
    const distance = featureDistance(features(sr), original, { [layer]: 1 });
    checkScalar((await distance.data())[0], value, layer);
  }
  const loss = (x: tf.Tensor) => featureDistance(features(x as tf.Tensor4D), original, weights);
  checkScalar((await loss(sr).data())[0], at(expected, "loss"), "loss");
  await checkImage(tf.grad(loss)(sr), at(expected, "grad_sr"), "gradient");
}
