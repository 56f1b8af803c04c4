/**
 * The task-driven perceptual loss on whole networks, and its gradient on the super-resolved image.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Size } from "../../ml/nn/contracts.ts";
import { Params } from "../../ml/nn/params.ts";
import { featureDistance } from "../../ml/train/tdp.ts";
import { build } from "../../models/detection/faster_rcnn.ts";
import { detectorOptions } from "./faster_rcnn.ts";
import {
  at,
  checkImage,
  checkScalar,
  entries,
  type Fixture,
  imageTensor,
  later,
  weightsSource,
} from "./harness.ts";

/** Compares `losses/task_driven*`. */
export default async function taskDriven(fixture: Fixture, t: Deno.TestContext): Promise<void> {
  for (const [task] of entries(fixture.inputs)) {
    if (task === "det") await t.step(task, () => detection(fixture));
    else await later(t, task, "this task is not there yet");
  }
}

async function detection({ inputs, expected, ...fixture }: Fixture): Promise<void> {
  const options = detectorOptions(at(fixture.network_options, "det"));
  const p = Params.create(0, weightsSource(at(fixture.weights, "det")));
  const detector = build(p, options);
  const weights = z.record(z.string(), z.number()).parse(at(inputs, "det", "layer_weights"));
  const [sr, hr] = ["sr", "hr"].map((name) => imageTensor(at(inputs, "det", name)));
  const sizes = Array.from({ length: sr.shape[0] }, (): Size => [sr.shape[1], sr.shape[2]]);
  const wanted = at(expected, "det");

  const features = (x: tf.Tensor) => detector.features(x as tf.Tensor4D, sizes);
  const original = features(hr);
  for (const [layer, value] of entries(at(wanted, "per_layer"))) {
    const distance = featureDistance(features(sr), original, { [layer]: 1 });
    checkScalar((await distance.data())[0], value, layer);
  }
  const loss = (x: tf.Tensor) => featureDistance(features(x), original, weights);
  checkScalar((await loss(sr).data())[0], at(wanted, "loss"), "loss");
  await checkImage(tf.grad(loss)(sr), at(wanted, "grad_sr"), "gradient");
}
