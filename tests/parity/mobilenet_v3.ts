/**
 * MobileNetV3-Large: inner maps, logits, training statistics and gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { softmaxCrossEntropy } from "../../ml/nn/losses.ts";
import { Params } from "../../ml/nn/params.ts";
import {
  mobileNetV3Body,
  mobileNetV3Classifier,
  NORM,
} from "../../models/backbones/mobilenet_v3.ts";
import { inDoublePrecision } from "./double_precision.ts";
import {
  at,
  checkImage,
  checkPlain,
  checkScalar,
  checkTensor,
  entries,
  type Fixture,
  imageTensor,
  weightsSource,
} from "./harness.ts";
import { checkGradients, parameterGradients } from "./network_gradients.ts";

/** Compares `networks/mobilenet_v3*`. */
export default async function mobileNetV3(fixture: Fixture, t: Deno.TestContext): Promise<void> {
  const { inputs, expected } = fixture;
  const source = weightsSource(fixture.weights);
  const input = imageTensor(at(inputs, "input"));
  const labels = z.array(z.int()).parse(at(inputs, "labels"));
  const classes = z.tuple([z.int(), z.int()])
    .parse(at(expected, "outputs", "plain", "logits", "shape"))[1];

  for (const [variant, outputs] of entries(at(expected, "outputs"))) {
    await t.step(`forward, ${variant}`, async () => {
      const options = { norm: NORM, dilated: variant === "dilated" };
      const maps = mobileNetV3Body(Params.create(0, source).at("features"), options)(input, "eval");
      const classify = mobileNetV3Classifier(Params.create(0, source), { ...options, classes });
      for (const [name, wanted] of entries(outputs)) {
        if (name === "logits") await checkPlain(classify(input, "eval"), wanted, name);
        else await checkImage(maps[Number(name.replace("features.", ""))], wanted, name);
      }
    });
  }
  await t.step("gradients in eval mode", async () => {
    const p = Params.create(0, source);
    const classify = mobileNetV3Classifier(p, { norm: NORM, classes });
    const first = tf.tensor1d(labels.slice(0, 1), "int32");
    const { byName } = await parameterGradients(
      p,
      () => softmaxCrossEntropy(classify(input, "eval"), first),
    );
    checkGradients(byName, at(expected, "eval_gradients"), "eval");
  });
  await t.step("loss, statistics and gradients in training", () =>
    inDoublePrecision(async () => {
      const p = Params.create(0, source);
      const classify = mobileNetV3Classifier(p, { norm: NORM, classes });
      const all = tf.tensor1d(labels, "int32");
      const images = imageTensor(at(inputs, "train"));
      const { value, byName } = await parameterGradients(
        p,
        () => softmaxCrossEntropy(classify(images, "train"), all),
      );
      checkGradients(byName, at(expected, "train_gradients"), "train");
      const after = new Map((await p.snapshot()).map(({ name, data }) => [name, data]));
      for (const [name, wanted] of entries(at(expected, "train"))) {
        if (name === "loss") checkScalar(value, wanted, name);
        else checkTensor(after.get(name) ?? [], wanted, name);
      }
    }));
}
