/**
 * What detectors are made of: boxes, suppression, anchors, input transform, RoIAlign.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import type { Size } from "../../ml/nn/contracts.ts";
import {
  type BoxWeights,
  clipBoxes,
  decodeBoxes,
  encodeBoxes,
  isAtLeast,
  pairwiseIou,
  takeBoxes,
} from "../../ml/tensor/ops/boxes.ts";
import { nms } from "../../ml/tensor/ops/nms.ts";
import { type Regions, roiAlign } from "../../ml/tensor/ops/roi_align.ts";
import { cellAnchors, gridAnchors } from "../../models/detection/parts/anchors.ts";
import {
  inputTransform,
  resizeBoxes,
  resizedSize,
} from "../../models/detection/parts/input_transform.ts";
import { matchBoxes } from "../../models/detection/parts/matching.ts";
import { poolRegions } from "../../models/detection/parts/roi_heads.ts";
import {
  at,
  checkImage,
  checkTensor,
  entries,
  type Fixture,
  formulaTensor,
  type Handler,
  has,
  imageTensor,
  tensorSpec,
} from "./harness.ts";

const parts: [RegExp, Handler][] = [
  [/^ops\/boxes/, boxes],
  [/^ops\/nms/, suppression],
  [/^ops\/anchors/, anchors],
  [/^ops\/det_transform/, transform],
  [/^ops\/roi_align/, regions],
  [/^ops\/multiscale_roi_align/, pooledRegions],
];

const rows = z.array(z.array(z.number()));
const numbers = z.array(z.number());
const pair = z.tuple([z.number(), z.number()]);

/** Compares `ops/{boxes,nms,anchors,det_transform,roi_align,multiscale_roi_align}*`. */
export default async function detectionParts(fixture: Fixture, t: Deno.TestContext): Promise<void> {
  const part = parts.find(([match]) => match.test(fixture.path));
  if (part === undefined) throw new RangeError(`Nothing here compares ${fixture.path}`);
  await part[1](fixture, t);
}

/** A JSON list of boxes. */
export function boxList(value: unknown): Float32Array {
  return Float32Array.from(rows.parse(value).flat());
}

function boxes({ inputs, expected }: Fixture): void {
  const objects = boxList(at(inputs, "ground_truth"));
  const proposals = boxList(at(inputs, "proposals"));
  const references = takeBoxes(
    objects,
    Int32Array.from(numbers.parse(at(inputs, "encode_reference"))),
  );
  checkTensor(pairwiseIou(objects, proposals), at(expected, "iou"), "iou");
  const deltas = formulaTensor(tensorSpec.parse(at(inputs, "deltas")));
  for (const [head, value] of entries(at(inputs, "weights"))) {
    const weights: BoxWeights = z.tuple([z.number(), z.number(), z.number(), z.number()])
      .parse(value);
    const wanted = (what: string) => at(expected, `${what}_${head}`);
    checkTensor(encodeBoxes(references, proposals, weights), wanted("encode"), `encode ${head}`);
    checkTensor(decodeBoxes(deltas, proposals, weights), wanted("decode"), `decode ${head}`);
  }
  const clamped = decodeBoxes(
    Float32Array.from(numbers.parse(at(inputs, "decode_clamped", "deltas"))),
    Float32Array.from(numbers.parse(at(inputs, "decode_clamped", "proposal"))),
    [1, 1, 1, 1],
  );
  checkTensor(clamped, at(expected, "decode_clamped"), "clamped");
  const clipped = boxList(at(inputs, "clip", "boxes"));
  clipBoxes(clipped, pair.parse(at(inputs, "clip", "image")));
  checkTensor(clipped, at(expected, "clip"), "clip");
  const small = boxList(at(inputs, "small", "boxes"));
  const side = z.number().parse(at(inputs, "small", "min_size"));
  const kept = [...small.keys()].filter((i) => i % 4 === 0 && isAtLeast(small, i, side));
  checkTensor(kept.map((i) => i / 4), at(expected, "small_keep"), "small");
  const rpn = { foreground: 0.7, background: 0.3, keepBest: true };
  checkTensor(matchBoxes(proposals, objects, rpn), at(expected, "match_rpn"), "match rpn");
  const head = { foreground: 0.5, background: 0.5, keepBest: false };
  checkTensor(matchBoxes(proposals, objects, head), at(expected, "match_head"), "match head");
}

function suppression({ inputs, expected }: Fixture): void {
  for (const [name, wanted] of entries(expected)) {
    const [, input, threshold] = /^(.+?)(?:_([\d.]+))?$/.exec(name) ?? [];
    const grouped = input === "batched";
    const described = at(inputs, grouped ? "random" : input);
    const kept = nms(
      boxList(at(described, "boxes")),
      Float32Array.from(numbers.parse(at(described, "scores"))),
      {
        threshold: Number(threshold ?? at(described, "iou_threshold")),
        ...(grouped ? { groups: Int32Array.from(numbers.parse(at(described, "groups"))) } : {}),
      },
    );
    assert.deepEqual([...kept], numbers.parse(at(wanted, "keep")), name);
  }
}

function anchors({ inputs, expected }: Fixture): void {
  const cell = cellAnchors({
    sizes: numbers.parse(at(inputs, "sizes")),
    aspect_ratios: numbers.parse(at(inputs, "aspect_ratios")),
    rounded: true,
  });
  assert.deepEqual([...cell], rows.parse(at(expected, "cell_anchors")).flat());
  const levels = z.array(pair).parse(at(inputs, "feature_maps"))
    .map(([height, width]) => ({ height, width }));
  const all = [...gridAnchors(cell, levels, pair.parse(at(inputs, "image")))];
  assert.equal(all.length / 4, at(expected, "count"));
  assert.deepEqual(all.slice(0, 160), rows.parse(at(expected, "first_40")).flat());
  assert.deepEqual(all.slice(-80), rows.parse(at(expected, "last_20")).flat());
  assert.equal(all.reduce((a, b) => a + b, 0), at(expected, "sum"));
  assert.equal(all.reduce((a, b) => a + Math.abs(b), 0), at(expected, "sum_abs"));
}

async function transform({ inputs, expected, ...fixture }: Fixture): Promise<void> {
  const resize = z.looseObject({ min_size: z.number(), max_size: z.number() });
  const images = z.array(tensorSpec).parse(at(inputs, "small", "images"));
  const { batch, sizes } = batchOf(images.map(({ name, shape, scale, offset }) => ({
    name,
    shape: [1, ...shape],
    scale,
    offset,
  })));
  const result = inputTransform({
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    resize: resize.parse(at(inputs, "small")),
    divisor: 32,
  })(batch, sizes);
  await checkImage(result.images, at(expected, "batch"), "batch");
  checkTensor(result.sizes.flat(), at(expected, "sizes"), "sizes");
  let stored = 0; // images without boxes are left out of the expected lists
  rowsPerImage(at(inputs, "small", "boxes")).forEach((boxes, i) => {
    if (boxes.length === 0) return;
    const there = resizeBoxes(boxes, sizes[i], result.sizes[i]);
    checkTensor(there, at(expected, "boxes", stored), `boxes ${i}`);
    const back = resizeBoxes(there, result.sizes[i], sizes[i]);
    checkTensor(back, at(expected, "boxes_back", stored++), `boxes back ${i}`);
  });
  const limits = resize.parse(at(inputs, "sizes"));
  const table = has(fixture, "size_table") ? at(fixture, "size_table") : at(expected, "size_table");
  for (const [h, w, newH, newW] of rows.parse(at(table, "rows"))) {
    assert.deepEqual(resizedSize([h, w], limits), [newH, newW], `size of ${h}x${w}`);
  }
}

function rowsPerImage(value: unknown): Float32Array[] {
  return z.array(rows).parse(value).map(boxList);
}

/** Described images of different sizes, each in the top left corner of one batch. */
export function batchOf(specs: unknown[]): { batch: tf.Tensor4D; sizes: Size[] } {
  const images = specs.map(imageTensor); // [1, H, W, 3]
  const sizes = images.map(({ shape: [, h, w] }): Size => [h, w]);
  const H = Math.max(...sizes.map(([h]) => h));
  const W = Math.max(...sizes.map(([, w]) => w));
  const padded = images.map((image, i) =>
    // Not 0: what lies outside an image must not matter.
    tf.pad(image, [[0, 0], [0, H - sizes[i][0]], [0, W - sizes[i][1]], [0, 0]], 7)
  );
  return { batch: tf.concat(padded, 0) as tf.Tensor4D, sizes };
}

async function regions({ inputs, expected }: Fixture): Promise<void> {
  const map = imageTensor(at(inputs, "x"));
  const described = rows.parse(at(inputs, "rois"));
  const all: Regions = {
    boxes: Float32Array.from(described.flatMap(([, ...box]) => box)),
    image: Int32Array.from(described, ([image]) => image),
  };
  const scale = z.number().parse(at(inputs, "spatial_scale"));
  for (const [name, variant] of entries(at(inputs, "variants"))) {
    const { output_size, sampling_ratio, aligned } = z.looseObject({
      output_size: pair,
      sampling_ratio: z.int(),
      aligned: z.boolean(),
    }).parse(variant);
    const options = { size: output_size, scale, samplingRatio: sampling_ratio, aligned };
    const pool = (x: tf.Tensor) => roiAlign(x as tf.Tensor4D, all, options);
    const output = pool(map);
    await checkImage(output, at(expected, name), name);
    const [R, h, w, C] = output.shape;
    const weights = imageTensor({
      name: at(inputs, "gradient_weights", name),
      shape: [R, C, h, w],
    });
    const gradient = tf.grad((x) => tf.sum(tf.mul(pool(x), weights)))(map);
    await checkImage(gradient, at(expected, `${name}_grad`), `${name}_grad`);
  }
}

async function pooledRegions({ inputs, expected }: Fixture): Promise<void> {
  const map = imageTensor(at(inputs, "features", "0"));
  const boxes = rowsPerImage(at(inputs, "boxes"));
  const sizes = z.array(pair).parse(at(inputs, "image_sizes"));
  await checkImage(poolRegions(map, boxes, sizes, 7), at(expected, "out"), "out");
}
