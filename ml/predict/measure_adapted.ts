/**
 * What a task network makes of pictures that several S have enlarged, against what it makes of the
 * originals. It takes no labels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { basename } from "node:path/posix";
import type { ImageBatch } from "../data/batches.ts";
import type { Degradation } from "../data/degradation.ts";
import { listImages } from "../data/image_batches.ts";
import { toTensor } from "../data/pixels.ts";
import { centreCorner, cropWindow } from "../data/windows.ts";
import { shrinkAndEnlarge } from "../evaluation/restore_picture.ts";
import { meanScores } from "../evaluation/score_picture.ts";
import { decode } from "../image/codec.ts";
import type { Picture } from "../image/picture.ts";
import type { SrNet } from "../nn/contracts.ts";
import type { Params } from "../nn/params.ts";
import type { TaskNet } from "../tasks/task.ts";
import { type Criterion, featureDistance } from "../train/tdp.ts";
import type { Agreement } from "./agreement.ts";
import type { Answer, Answering } from "./answer.ts";
import { picturePsnr } from "./picture_psnr.ts";
import { enlargeInTiles, overlapOf } from "./tiles.ts";

/** Side of the windows that S works through large pictures in, pixels. */
const TILE = 256;

/** One way to enlarge. */
export interface Enlarger {
  label: string;
  /** S; undefined: bicubic. */
  sr?: { net: SrNet; params: Params };
}

/** The task network and what is known of its task. */
export interface Judge<B extends ImageBatch> {
  net: TaskNet<B>;
  answering: Answering<B, TaskNet<B>>;
  agreement: Agreement;
  /** K names, background included where the task has it. */
  classes: readonly string[];
}

/** How pictures are shown and compared. */
export interface MeasureOptions {
  scale: number;
  degradation: Degradation;
  criterion: Criterion;
  /** Side of the middle window, for tasks that look at one; null: whole pictures. */
  crop: number | null;
  /** So many pictures are kept to be looked at. */
  pictures: number;
  signal: AbortSignal;
  onPicture(done: number, total: number): void;
}

/** How one way to enlarge did; null where there was nothing to measure. */
export interface Measured {
  label: string;
  /** Percent. */
  agreement: number | null;
  /** Mean over pictures, as the perceptual loss has it, without its weight. */
  distance: number | null;
  /** Mean over pictures, dB. */
  psnr: number | null;
}

/** A picture with T's results drawn in. */
export interface Compared {
  name: string;
  low: Picture;
  /** In the order of the enlargers. */
  enlarged: Answer[];
  original: Answer;
}

/** Shrinks every picture of a folder, enlarges it in all ways and asks T each time. */
export async function measureAdapted<B extends ImageBatch>(
  folder: string,
  enlargers: readonly Enlarger[],
  judge: Judge<B>,
  options: MeasureOptions,
): Promise<{ measured: Measured[]; pictures: Compared[] }> {
  const counts = enlargers.map(() => judge.agreement.start(judge.classes.length));
  const scores = enlargers.map((): { distance: number; psnr: number }[] => []);
  const pictures: Compared[] = [];
  const files = await listImages(folder);
  for (const [index, file] of files.entries()) {
    options.signal.throwIfAborted();
    const name = basename(file);
    const seen = windowOf(await decode(file), name, judge.answering.window ? options.crop : null);
    const { hr, lr, bicubic } = await shrinkAndEnlarge(seen, name, options);
    const original = await answerOf(hr, judge);
    const enlarged: Answer[] = [];
    for (const [i, { sr }] of enlargers.entries()) {
      const shown = sr === undefined ? bicubic : await superResolved(lr, sr, options);
      const answer = await answerOf(shown, judge);
      counts[i].add(answer, original);
      const distance = await distanceOf(shown, hr, judge.net, options.criterion);
      scores[i].push({ distance, psnr: picturePsnr(shown, hr) });
      enlarged.push(answer);
    }
    if (index < options.pictures) pictures.push({ name, low: lr, enlarged, original });
    options.onPicture(index + 1, files.length);
  }
  const measured = enlargers.map(({ label }, i) => {
    const { distance, psnr } = meanScores(scores[i].map((one) => ({ ...one })));
    return { label, agreement: counts[i].percent(), distance, psnr };
  });
  return { measured, pictures };
}

function windowOf(picture: Picture, name: string, crop: number | null): Picture {
  return crop === null ? picture : cropWindow(picture, crop, centreCorner(picture, crop), name);
}

async function superResolved(
  lr: Picture,
  { net, params }: Required<Enlarger>["sr"],
  { scale, signal }: MeasureOptions,
): Promise<Picture> {
  const [width, height] = [lr.width * scale, lr.height * scale];
  const data = await enlargeInTiles(lr, {
    net,
    params,
    scale,
    tiling: { tile: TILE, ...overlapOf(params) },
    out: new Uint8ClampedArray(width * height * 3),
    signal,
  });
  return { width, height, data: new Uint8Array(data.buffer) };
}

async function answerOf<B extends ImageBatch>(
  picture: Picture,
  { net, answering, classes }: Judge<B>,
): Promise<Answer> {
  const images = tf.tidy(() => tf.expandDims<tf.Tensor4D>(toTensor(picture)));
  const answer = await answering.answer(net, { picture, images, classes, zoom: 1 });
  images.dispose();
  return answer;
}

async function distanceOf<B extends ImageBatch>(
  shown: Picture,
  original: Picture,
  net: TaskNet<B>,
  criterion: Criterion,
): Promise<number> {
  const distance = tf.tidy(() => {
    const [a, b] = [shown, original].map((picture) =>
      net.features(tf.expandDims(toTensor(picture)), [[picture.height, picture.width]])
    );
    return featureDistance(a, b, net.featureWeights, { criterion });
  });
  const [value] = await distance.data();
  distance.dispose();
  return value;
}
