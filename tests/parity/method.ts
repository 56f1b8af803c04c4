/**
 * The method's own parts: CQMix with its mask, and the distance of features.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import { cqmix, enlargeMask, sourceCells } from "../../ml/train/cqmix.ts";
import { type Feature, featureDistance } from "../../ml/train/tdp.ts";
import {
  at,
  checkImage,
  checkScalar,
  entries,
  type Fixture,
  imageTensor,
  plainTensor,
  tensorSpec,
} from "./harness.ts";

/** Compares `losses/{cqmix,feature_containers}*` and `ops/nearest_mask*`. */
export default async function method(fixture: Fixture): Promise<void> {
  if (fixture.path.startsWith("losses/cqmix")) await mixing(fixture);
  else if (fixture.path.startsWith("ops/nearest_mask")) await nearestMask(fixture);
  else await featureContainers(fixture);
}

/** The mask is one string of 0 and 1 per image. */
async function mixing({ inputs, expected }: Fixture): Promise<void> {
  const cells = z.int().parse(at(inputs, "mask_cells"));
  const rows = z.array(z.string()).parse(at(inputs, "mask"));
  const mask = tf.tensor4d([...rows.join("")].map(Number), [rows.length, cells, cells, 1]);
  const [sr, hr] = [imageTensor(at(inputs, "sr")), imageTensor(at(inputs, "hr"))];
  const enlarged = enlargeMask(mask, [hr.shape[1], hr.shape[2]]);
  await checkImage(cqmix(sr, hr, enlarged), at(expected, "mixed"), "mixed");
}

const nearest = z.object({
  mask: z.array(z.array(z.int())),
  size: z.tuple([z.int(), z.int()]),
  source_row: z.array(z.int()),
  source_column: z.array(z.int()),
  ones: z.int(),
});

async function nearestMask({ inputs, expected }: Fixture): Promise<void> {
  for (const [name, wanted] of entries(expected)) {
    const { mask, size: [H, W], source_row, source_column, ones } = nearest.parse(wanted);
    const input = imageTensor(at(inputs, name)); // [B, g, g, 1]
    assert.deepEqual([...await input.data()], mask.flat(), `${name}: mask`);
    assert.deepEqual([...sourceCells(input.shape[1], H)], source_row, `${name}: rows`);
    assert.deepEqual([...sourceCells(input.shape[2], W)], source_column, `${name}: columns`);
    const enlarged = enlargeMask(input, [H, W]);
    assert.deepEqual(enlarged.shape, [input.shape[0], H, W, 1]);
    const values = Array.from(await enlarged.data());
    assert.equal(values.reduce((a, b) => a + b, 0), ones, `${name}: ones`);
    const [g, columns] = [input.shape[1], input.shape[2]];
    const copied = values.map((_, i) => {
      const [b, y, x] = [Math.floor(i / (H * W)), Math.floor(i / W) % H, i % W];
      return mask[b * g + source_row[y]][source_column[x]];
    });
    assert.equal(columns, mask[0].length, `${name}: columns of the mask`);
    assert.deepEqual(values, copied, `${name}: enlarged`);
  }
}

/** Layers hold a list (a0, a1), a dict (a2, a3) and a plain tensor (a4); shapes are in a sentence. */
async function featureContainers(fixture: Fixture): Promise<void> {
  const { inputs, expected } = fixture;
  const sentence = z.string().parse(at(inputs, "names"));
  const prefix = /b likewise: (\S*)<name>/.exec(sentence)?.[1] ?? `${fixture.case}/`;
  const shapes = [...sentence.matchAll(/a(\d) \(([\d,]+)\)/g)].map(([, , shape]) =>
    shape.split(",").map(Number)
  );
  const side = (letter: string): Record<string, Feature> => {
    const [f0, f1, f2, f3, f4] = shapes.map((shape, i) =>
      plainTensor(tensorSpec.parse({ name: `${prefix}${letter}${i}`, shape }))
    );
    return { list: [f0, f1], dict: { x: f2, y: f3 }, plain: f4 };
  };
  const weights = z.record(z.string(), z.number()).parse(at(inputs, "layer_weights"));
  const weight = z.number().parse(at(inputs, "loss_weight"));
  for (const [name, wanted] of entries(expected)) {
    const criterion = z.enum(["l1", "l2"]).parse(name);
    const loss = tf.mul(featureDistance(side("a"), side("b"), weights, { criterion }), weight);
    checkScalar((await loss.data())[0], wanted, name);
  }
}
