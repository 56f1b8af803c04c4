/**
 * The loss of segmentation, with and without an auxiliary head.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { segmentationLoss } from "../../ml/tasks/segmentation.ts";
import {
  at,
  checkImage,
  checkScalar,
  entries,
  type Fixture,
  has,
  imageTensor,
  plainTensor,
} from "./harness.ts";

const optionsSchema = z.looseObject({
  loss_weight: z.number(),
  aux_loss_weight: z.literal(0.5),
  ignore_index: z.literal(255),
});

/** Compares `losses/auxce*`. */
export default async function segmentationLosses({ inputs, expected }: Fixture): Promise<void> {
  const { loss_weight } = optionsSchema.parse(at(inputs, "options"));
  const [out, aux] = ["out", "aux"].map((name) => imageTensor(at(inputs, name)));
  const labels = tf.cast(plainTensor(at(inputs, "labels")), "int32") as tf.Tensor3D;
  for (const [name, wanted] of entries(expected)) {
    const both = has(wanted, "grad_aux");
    const loss = (...[out, aux]: tf.Tensor[]) => {
      const logits = both
        ? { out: out as tf.Tensor4D, aux: aux as tf.Tensor4D }
        : { out: out as tf.Tensor4D };
      return tf.mul(loss_weight, segmentationLoss(logits, labels));
    };
    const { value, grads } = tf.valueAndGrads(loss)(both ? [out, aux] : [out]);
    checkScalar((await value.data())[0], at(wanted, "loss"), `${name}: loss`);
    await checkImage(grads[0], at(wanted, "grad_out"), `${name}: gradient of out`);
    if (both) await checkImage(grads[1], at(wanted, "grad_aux"), `${name}: gradient of aux`);
  }
}
