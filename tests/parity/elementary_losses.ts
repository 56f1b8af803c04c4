/**
 * The elementary losses and the weighted sums made of them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import {
  binaryCrossEntropy,
  meanAbsoluteError,
  smoothL1,
  softmaxCrossEntropy,
} from "../../ml/nn/losses.ts";
import {
  at,
  checkImage,
  checkPlain,
  checkScalar,
  entries,
  type Fixture,
  has,
  imageTensor,
  plainTensor,
} from "./harness.ts";

const numbers = z.array(z.number());

/** One case: the loss of its first input, and whether that is an image. */
interface Case {
  x: tf.Tensor;
  loss: (x: tf.Tensor) => tf.Scalar;
  image?: boolean;
}

/** Compares `ops/losses*`, `losses/{pixel,weighted}*`. */
export default async function losses(fixture: Fixture): Promise<void> {
  if (fixture.path.startsWith("ops/losses")) await operators(fixture);
  else if (fixture.path.startsWith("losses/pixel")) await pixel(fixture);
  else await weighted(fixture);
}

async function operators({ inputs, expected }: Fixture): Promise<void> {
  for (const [name, wanted] of entries(expected)) {
    if (name.endsWith("_grad")) continue; // compared with its value
    const { x, loss, image } = operatorCase(name, inputs);
    checkScalar((await loss(x).data())[0], wanted, name);
    if (!has(expected, `${name}_grad`)) continue;
    const check = image ? checkImage : checkPlain;
    await check(tf.grad(loss)(x), at(expected, `${name}_grad`), `${name}_grad`);
  }
}

function operatorCase(name: string, inputs: unknown): Case {
  const b = () => plainTensor(at(inputs, "b"));
  const labels = () => listed(at(inputs, "labels"), "int32"); // [B, H, W]
  const parameter = Number(/_([\d.]+)$/.exec(name)?.[1]);
  switch (name.replace(/_?[\d.]+$/, "")) {
    case "l1":
    case "l":
      return { x: plainTensor(at(inputs, "a")), loss: (x) => meanAbsoluteError(x, b()) };
    case "smooth_l1_beta": {
      // The name rounds 1/9, the detector's beta, to three digits.
      const beta = parameter === 0.111 ? 1 / 9 : parameter;
      return { x: plainTensor(at(inputs, "a")), loss: (x) => smoothL1(x, b(), beta) };
    }
    case "bce_logits": {
      const bits = listed(at(inputs, "bits"), "float32");
      return { x: plainTensor(at(inputs, "bce")), loss: (x) => binaryCrossEntropy(x, bits) };
    }
    case "ce_ignore": {
      const ignore = Number(/\d+$/.exec(name));
      return {
        x: imageTensor(at(inputs, "seg")),
        loss: (x) => softmaxCrossEntropy(x, labels(), { ignore }),
        image: true,
      };
    }
    case "ce_all_ignored":
      return {
        x: imageTensor(at(inputs, "seg")),
        loss: (x) => softmaxCrossEntropy(x, tf.fill(labels().shape, 255), { ignore: 255 }),
        image: true,
      };
    case "ce":
    case "ce_smoothing": {
      const labels = tf.tensor1d(numbers.parse(at(inputs, "cls")), "int32");
      const smoothing = name === "ce" ? 0 : parameter;
      return {
        x: plainTensor(at(inputs, "logits")),
        loss: (x) => softmaxCrossEntropy(x, labels, { smoothing }),
      };
    }
  }
  throw new RangeError(`Unknown case "${name}"`);
}

/** Cases are named by their weight. */
async function pixel({ inputs, expected }: Fixture): Promise<void> {
  const hr = imageTensor(at(inputs, "hr"));
  for (const [name, wanted] of entries(expected)) {
    const weight = Number(/^weight_([\d.]+)$/.exec(name)?.[1]);
    const loss = (sr: tf.Tensor): tf.Scalar => tf.mul(meanAbsoluteError(sr, hr), weight);
    const sr = imageTensor(at(inputs, "sr"));
    checkScalar((await loss(sr).data())[0], at(wanted, "loss"), `${name} loss`);
    await checkImage(tf.grad(loss)(sr), at(wanted, "grad"), `${name} gradient`);
  }
}

/** The file does not name its weights: 0.34 is the published one of the task losses. */
async function weighted({ inputs, expected }: Fixture): Promise<void> {
  const labels = tf.tensor1d(numbers.parse(at(inputs, "labels")), "int32");
  const logits = plainTensor(at(inputs, "logits"));
  const det = () => entries(at(inputs, "det")).map(([, term]) => z.number().parse(term));
  const cases = new Map<string, () => tf.Tensor>([
    ["ce", () => tf.mul(softmaxCrossEntropy(logits, labels), 0.34)],
    ["ce_smoothing", () => softmaxCrossEntropy(logits, labels, { smoothing: 0.1 })],
    ["det", () => tf.mul(tf.addN(det().map((term) => tf.scalar(term))), 0.34)],
  ]);
  for (const [name, wanted] of entries(expected)) {
    const loss = cases.get(name);
    assert.ok(loss, `Unknown case "${name}"`);
    checkScalar((await loss().data())[0], wanted, name);
  }
}

/** A tensor whose values are in the file. */
function listed(value: unknown, dtype: "int32" | "float32"): tf.Tensor {
  const { shape, data } = z.object({ shape: numbers, data: numbers }).parse(value);
  return tf.tensor(data, shape, dtype);
}
