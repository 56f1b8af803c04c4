/**
 * DeepLabV3: inner maps, logits, loss, training statistics and gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import { Params } from "../../ml/nn/params.ts";
import { segmentationLoss } from "../../ml/tasks/segmentation.ts";
import { buildMaps, type Options, options } from "../../models/segmentation/deeplab_v3.ts";
import {
  at,
  checkImage,
  checkScalar,
  checkTensor,
  entries,
  type Fixture,
  imageTensor,
  plainTensor,
  weightsSource,
} from "./harness.ts";
import { checkGradientNorms, checkGradients, parameterGradients } from "./network_gradients.ts";

/** Weight of the loss; the file's notes name it. */
const LOSS_WEIGHT = 0.34;

/** "A few percent of spread is normal" in training mode, say the notes. */
const SPREAD = 0.03;

/** Compares `networks/deeplabv3*`. The auxiliary head is there if the file has its logits. */
export default async function deepLabV3(fixture: Fixture, t: Deno.TestContext): Promise<void> {
  const { inputs, expected } = fixture;
  const source = weightsSource(fixture.weights);
  const wanted = new Map(entries(at(expected, "outputs")));
  const [, num_classes] = z.tuple([z.int(), z.int(), z.int(), z.int()])
    .parse(at(wanted.get("out"), "shape"));
  const declare = () => {
    const p = Params.create(0, source);
    return { p, ...buildMaps(p, options.parse({ num_classes, aux: wanted.has("aux") })) };
  };

  await t.step("forward", async () => {
    const maps = new Map(entries(declare().maps(imageTensor(at(inputs, "input")), "eval")));
    for (const [name, value] of wanted) {
      const map = maps.get(name);
      assert.ok(map instanceof tf.Tensor, `there is no map ${name}`);
      await checkImage(map, value, name);
    }
  });

  const images = imageTensor(at(inputs, "train"));
  const labels = tf.cast(plainTensor(at(inputs, "labels")), "int32") as tf.Tensor3D;
  await t.step("gradients in eval mode", async () => {
    const { p, maps } = declare();
    const { byName } = await parameterGradients(
      p,
      () => tf.mul(LOSS_WEIGHT, segmentationLoss(maps(images, "eval"), labels)),
    );
    checkGradients(byName, at(expected, "eval_gradients"), "eval");
  });
  await t.step("logits, loss, statistics and gradients in training", async () => {
    const { p, maps } = declare();
    const logits: Record<string, tf.Tensor4D> = {};
    const { value, byName } = await parameterGradients(p, () => {
      const { out, aux } = maps(images, "train");
      logits.out = tf.keep(tf.clone(out));
      if (aux !== undefined) logits.aux = tf.keep(tf.clone(aux));
      return tf.mul(
        LOSS_WEIGHT,
        segmentationLoss(aux === undefined ? { out } : { out, aux }, labels),
      );
    });
    checkGradientNorms(byName, at(expected, "train_gradients"), SPREAD, "train");
    const after = new Map((await p.snapshot()).map(({ name, data }) => [name, data]));
    for (const [name, wanted] of entries(at(expected, "train"))) {
      if (name === "loss") checkScalar(value, wanted, name);
      else if (name in logits) await checkImage(logits[name], wanted, `train ${name}`);
      else checkTensor(after.get(name) ?? [], wanted, name);
    }
  });
}

/** The segmenter's options out of torchvision's. */
export function segmenterOptions(described: unknown): Options {
  const { num_classes, aux_loss } = z.looseObject({
    num_classes: z.int(),
    aux_loss: z.boolean(),
  }).parse(described);
  return options.parse({ num_classes, aux: aux_loss });
}
