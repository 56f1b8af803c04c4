/**
 * RoIAlign: a small grid of values from each region of a map.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { recomputed } from "./recomputed.ts";

/** Regions of a batch of images. */
export interface Regions {
  /** R boxes (x1, y1, x2, y2), pixels. */
  boxes: Float32Array;
  /** [R] image of each box. */
  image: Int32Array;
}

/** Options of {@link roiAlign}. */
export interface RoiAlignOptions {
  /** Cells of the result. */
  size: readonly [height: number, width: number];
  /** Map cells per pixel. */
  scale: number;
  /** Samples per side of a result's cell; 0: one per map cell it covers, at least one. */
  samplingRatio: number;
  /** Shift by half a cell and keep boxes smaller than a cell as they are. Default false. */
  aligned?: boolean;
  /** Most numbers in samples at once; more are made in several parts. Default 2²⁶. */
  limit?: number;
}

/**
 * Averages bilinear samples of every cell of every region.
 *
 * @param map [B, H, W, C]
 * @returns [R, size[0], size[1], C]
 *
 * Samples more than one cell outside the map are 0, nearer ones are clamped to it. Equal to
 * torchvision's `roi_align`, and made of TensorFlow's CropAndResize: one cell of padding that repeats
 * the edge turns its border into torchvision's, and each of the samples of a cell is a crop of its
 * own. (One crop of all samples and a pooling behind it is slower by a third, as their gradients go
 * through the large tensor between them.)
 * Source: He et al., "Mask R-CNN", ICCV 2017.
 */
export function roiAlign(
  map: tf.Tensor4D,
  regions: Regions,
  options: RoiAlignOptions,
): tf.Tensor4D {
  const groups = groupBySamples(regions, options);
  const padded = tf.mirrorPad(map, [[0, 0], [1, 1], [1, 1], [0, 0]], "symmetric");
  const pooled = groups.flatMap((group) => poolInParts(padded, regions, group, options));
  if (pooled.length === 1) return pooled[0];
  if (groups.length === 1) return tf.concat(pooled, 0);
  const order = new Int32Array(regions.image.length);
  groups.flatMap(({ members }) => [...members]).forEach((region, place) => order[region] = place);
  return tf.gather(tf.concat(pooled, 0), tf.tensor1d(order, "int32"));
}

/**
 * Regions with more samples are pooled in several parts, whose samples are made again for the
 * gradient: those of 8192 regions of 7x7 cells and 256 channels take 1.6 GB.
 */
const LIMIT = 2 ** 26;

/** Regions with equal numbers of samples per cell. */
interface Group {
  members: Int32Array;
  samples: readonly [number, number];
}

function groupBySamples({ boxes, image }: Regions, options: RoiAlignOptions): Group[] {
  const { samplingRatio: ratio } = options;
  const everything = Int32Array.from(image, (_, i) => i);
  if (ratio > 0) return [{ members: everything, samples: [ratio, ratio] }];
  const groups = new Map<string, { members: number[]; samples: [number, number] }>();
  for (const i of everything) {
    const { height, width } = regionOf(boxes, i, options);
    const samples: [number, number] = [
      Math.max(1, Math.ceil(height / options.size[0])),
      Math.max(1, Math.ceil(width / options.size[1])),
    ];
    const key = samples.join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { members: [i], samples });
    else group.members.push(i);
  }
  return [...groups.values()].map(({ members, samples }) => ({
    members: Int32Array.from(members),
    samples,
  }));
}

/** Top left corner and size in map cells. */
function regionOf(
  boxes: Float32Array,
  i: number,
  { scale, aligned = false }: RoiAlignOptions,
): { x: number; y: number; width: number; height: number } {
  const shift = aligned ? 0.5 : 0;
  const x = boxes[4 * i] * scale - shift;
  const y = boxes[4 * i + 1] * scale - shift;
  const width = boxes[4 * i + 2] * scale - shift - x;
  const height = boxes[4 * i + 3] * scale - shift - y;
  return aligned
    ? { x, y, width, height }
    : { x, y, width: Math.max(width, 1), height: Math.max(height, 1) };
}

/** One result for a small group, several for a large one. */
function poolInParts(
  padded: tf.Tensor4D,
  regions: Regions,
  { members, samples }: Group,
  options: RoiAlignOptions,
): tf.Tensor4D[] {
  const { size: [rows, columns], limit = LIMIT } = options;
  const perRegion = rows * columns * samples[0] * samples[1] * padded.shape[3];
  const count = Math.max(1, Math.floor(limit / perRegion));
  if (members.length <= count) {
    return [poolGroup(padded, regions, { members, samples }, options)];
  }
  return Array.from({ length: Math.ceil(members.length / count) }, (_, i) => {
    const part = { members: members.slice(i * count, (i + 1) * count), samples };
    return recomputed((padded) => poolGroup(padded, regions, part, options), padded, []);
  });
}

/** @param padded map with one more cell on each side @returns [members, size[0], size[1], C] */
function poolGroup(
  padded: tf.Tensor4D,
  regions: Regions,
  { members, samples: [ny, nx] }: Group,
  options: RoiAlignOptions,
): tf.Tensor4D {
  const image = tf.tensor1d(members.map((region) => regions.image[region]), "int32");
  const crops = Array.from({ length: ny * nx }, (_, i) => {
    const place = [(Math.floor(i / nx) + 0.5) / ny, (i % nx + 0.5) / nx] as const;
    const boxes = sampleBoxes(padded, regions, members, place, options);
    return tf.image.cropAndResize(padded, boxes, image, [...options.size], "bilinear", 0);
  });
  return crops.length === 1 ? crops[0] : tf.mul(tf.addN(crops), 1 / crops.length);
}

/**
 * Of each region the box whose corners are the samples of its first and its last cell.
 *
 * @param place of the sample in its cell, (y, x) in [0, 1]
 * @returns [members, 4] (y1, x1, y2, x2), as CropAndResize takes them
 */
function sampleBoxes(
  { shape: [, H, W] }: tf.Tensor4D,
  { boxes }: Regions,
  members: Int32Array,
  [v, u]: readonly [number, number],
  options: RoiAlignOptions,
): tf.Tensor2D {
  const [rows, columns] = options.size;
  const result = new Float32Array(members.length * 4);
  members.forEach((region, i) => {
    const { x, y, width, height } = regionOf(boxes, region, options);
    const [top, left] = [y + 1 + v * height / rows, x + 1 + u * width / columns]; // +1: padding
    result[4 * i] = top / (H - 1);
    result[4 * i + 1] = left / (W - 1);
    result[4 * i + 2] = (top + (rows - 1) * height / rows) / (H - 1);
    result[4 * i + 3] = (left + (columns - 1) * width / columns) / (W - 1);
  });
  return tf.tensor2d(result, [members.length, 4]);
}
