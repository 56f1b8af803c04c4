/**
 * ResNet: inner maps, logits, training statistics and gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { softmaxCrossEntropy } from "../../ml/nn/losses.ts";
import { Params } from "../../ml/nn/params.ts";
import { buildMaps, options } from "../../models/classification/resnet.ts";
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
  weightsSpec,
} from "./harness.ts";
import { checkGradients, parameterGradients } from "./network_gradients.ts";

/** Compares `networks/resnet*`. */
export default async function resNet(fixture: Fixture, t: Deno.TestContext): Promise<void> {
  const { inputs, expected } = fixture;
  const network = networkOf(fixture);
  const labels = z.array(z.int()).parse(at(inputs, "labels"));
  const input = imageTensor(at(inputs, "input"));

  await t.step("forward", async () => {
    const { net } = network();
    const maps = net.maps(input, "eval");
    for (const [name, wanted] of entries(at(expected, "outputs"))) {
      if (name === "logits") await checkPlain(net.classify(maps.l4), wanted, name);
      else await checkImage(maps[name], wanted, name);
    }
  });
  await t.step("gradients in eval mode", async () => {
    const { p, net } = network();
    const first = tf.tensor1d(labels.slice(0, input.shape[0]), "int32");
    const { byName } = await parameterGradients(
      p,
      () => softmaxCrossEntropy(net.classify(net.maps(input, "eval").l4), first),
    );
    checkGradients(byName, at(expected, "eval_gradients"), "eval");
  });
  await t.step("loss, statistics and gradients in training", () =>
    inDoublePrecision(async () => {
      const { p, net } = network();
      const all = tf.tensor1d(labels, "int32");
      const images = imageTensor(at(inputs, "train"));
      const { value, byName } = await parameterGradients(
        p,
        () => softmaxCrossEntropy(net.classify(net.maps(images, "train").l4), all),
      );
      checkGradients(byName, at(expected, "train_gradients"), "train");
      const after = new Map((await p.snapshot()).map(({ name, data }) => [name, data]));
      for (const [name, wanted] of entries(at(expected, "train"))) {
        if (name === "loss") checkScalar(value, wanted, name);
        else checkTensor(after.get(name) ?? [], wanted, name);
      }
    }));
}

/** Makes the network of a file afresh; depth and classes follow from its weights. */
function networkOf({ weights }: Fixture) {
  const { parameters } = weightsSpec.parse(weights);
  const layers = parameters.filter(([name]) => /(^|\.)(conv\d|fc)\.weight$/.test(name));
  const [, [num_classes]] = layers[layers.length - 1];
  const parsed = options.parse({ depth: layers.length, num_classes });
  return () => {
    const p = Params.create(0, weightsSource(weights));
    return { p, net: buildMaps(p, parsed) };
  };
}
