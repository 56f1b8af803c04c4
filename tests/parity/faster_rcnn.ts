/**
 * Faster R-CNN: what goes from part to part, losses, gradients and detections.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import type { Detections, DetectionTarget, Size } from "../../ml/nn/contracts.ts";
import { Params } from "../../ml/nn/params.ts";
import { build, type Options, options as schema } from "../../models/detection/faster_rcnn.ts";
import type { View } from "../../models/detection/parts/rpn.ts";
import type { TwoStageDetector } from "../../models/detection/parts/two_stage.ts";
import { batchOf, boxList } from "./detection_parts.ts";
import { firstCandidates } from "./first_sampler.ts";
import {
  at,
  checkImage,
  checkPlain,
  checkScalar,
  checkTensor,
  entries,
  type Fixture,
  weightsSource,
} from "./harness.ts";
import { checkGradients, parameterGradients } from "./network_gradients.ts";

const originalOptions = z.looseObject({ few: z.int() });

/** A fixture's options as the project's; words that say how the original is built are left out. */
export function detectorOptions(described: unknown): Options {
  const known = Object.keys(schema.shape);
  const chosen = entries(described).filter(([name]) => known.includes(name));
  const num_classes = z.int().parse(at(described, "num_classes"));
  return { ...schema.parse(Object.fromEntries(chosen)), num_classes };
}

/** A fixture's targets. */
export function targetList(value: unknown): DetectionTarget[] {
  return z.array(z.looseObject({ boxes: z.unknown(), labels: z.array(z.int()) })).parse(value)
    .map(({ boxes, labels }) => ({ boxes: boxList(boxes), labels: Int32Array.from(labels) }));
}

/** Compares `networks/fasterrcnn*`. */
export default async function fasterRcnn(fixture: Fixture, t: Deno.TestContext): Promise<void> {
  const { inputs, expected } = fixture;
  const options = detectorOptions(fixture.options);
  const source = weightsSource(fixture.weights);
  const { batch, sizes } = batchOf(z.array(z.unknown()).parse(at(inputs, "images")));
  const p = Params.create(0, source);
  const detector = build(p, options);

  await t.step("forward, part by part", () => forward(fixture, detector, batch, sizes));
  await t.step("detections", async () => {
    checkDetections(await detector.detect(batch, sizes), at(expected, "outputs", "detections"));
  });
  await t.step("detections from few proposals", async () => {
    const few = { rpn_post_nms_top_n_test: originalOptions.parse(fixture.options).few };
    const other = build(Params.create(0, source), { ...options, ...few });
    const wanted = at(expected, "outputs", "detections_few");
    checkDetections(await other.detect(batch, sizes), wanted);
  });
  await t.step("losses and gradients", async () => {
    const targets = targetList(at(inputs, "targets"));
    const losses = () => detector.losses(batch, sizes, targets, firstCandidates);
    const parts: [string, tf.Scalar][] = Object.entries(losses());
    for (const [name, loss] of parts) {
      const wanted = at(expected, "train", `loss_${name}`);
      checkScalar((await loss.data())[0], wanted, `loss_${name}`);
    }
    const { value, byName } = await parameterGradients(
      p,
      () => tf.addN(Object.values(losses())),
    );
    checkScalar(value, at(expected, "train", "total"), "total");
    checkGradients(byName, at(expected, "train_gradients"), "gradient");
  });
}

async function forward(
  { inputs, expected }: Fixture,
  { parts }: TwoStageDetector,
  images: tf.Tensor4D,
  sizes: Size[],
): Promise<void> {
  const wanted = at(expected, "outputs");
  const batch = parts.transform(images, sizes);
  await checkImage(batch.images, at(wanted, "batch"), "batch");
  checkTensor(batch.sizes.flat(), at(wanted, "sizes"), "sizes");
  const { body, maps } = parts.backbone(batch.images, "look");
  for (const [name, map] of Object.entries(body)) {
    await checkImage(map, at(wanted, "body", name), `body ${name}`);
  }
  for (const [name, map] of Object.entries(maps)) {
    await checkImage(map, at(wanted, "fpn", name), `fpn ${name}`);
  }
  const levels = Object.values(maps);
  const answers = parts.rpn.head(levels);
  for (const [i, map] of answers.objectness.entries()) {
    await checkImage(map, at(wanted, "objectness", i), `objectness ${i}`);
    await checkImage(answers.deltas[i], at(wanted, "pred_bbox_deltas", i), `deltas ${i}`);
  }
  const view: View = {
    padded: [batch.images.shape[1], batch.images.shape[2]],
    sizes: batch.sizes,
    levels: levels.map(({ shape: [, height, width] }) => ({ height, width })),
  };
  const values = await parts.rpn.flatten(answers).data<"float32">();
  checkProposals(parts.rpn.propose(values, view, "test"), wanted);
  const inTraining = parts.rpn.propose(values, view, "train");
  checkTensor(
    inTraining.map(({ length }) => length / 4),
    at(expected, "train", "proposal_count"),
    "proposals in training",
  );

  const boxes = z.array(z.unknown()).parse(at(inputs, "head_boxes")).map(boxList);
  const pooled = parts.roiHeads.pool(levels[0], boxes, batch.sizes);
  await checkImage(pooled, at(wanted, "head", "pooled"), "pooled");
  for (const [name, tensor] of Object.entries(parts.roiHeads.head(pooled))) {
    await checkPlain(tensor, at(wanted, "head", name), name);
  }
}

function checkProposals(proposals: Float32Array[], wanted: unknown): void {
  checkTensor(proposals.map(({ length }) => length / 4), at(wanted, "proposal_count"), "proposals");
  proposals.forEach((boxes, image) => {
    checkTensor(boxes.slice(0, 4 * 30), at(wanted, "proposals", image), `proposals ${image}`);
    const sums = [0, 0, 0, 0];
    boxes.forEach((value, i) => sums[i % 4] += value);
    checkTensor(sums, at(wanted, "proposal_sum", image), `sum of proposals ${image}`);
  });
}

function checkDetections(found: Detections[], expected: unknown): void {
  assert.equal(found.length, z.array(z.unknown()).parse(expected).length);
  found.forEach(({ boxes, scores, labels }, image) => {
    const wanted = (part: string) => at(expected, image, part);
    checkScalar(scores.length, wanted("count"), `count of image ${image}`);
    checkTensor(labels, wanted("labels"), `labels of image ${image}`);
    checkTensor(scores, wanted("scores"), `scores of image ${image}`);
    checkTensor(boxes, wanted("boxes"), `boxes of image ${image}`);
  });
}
