/**
 * Photos through trained networks: what the stage `predict` does.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch } from "../data/batches.ts";
import { type Degradation, lowResolution } from "../data/degradation.ts";
import { cropPicture, toPictures, toTensor } from "../data/pixels.ts";
import { centreCorner, cropWindow } from "../data/windows.ts";
import { bicubicPng, enlargeBicubic } from "../image/bicubic.ts";
import { decodeBytes, pngBytes, readHeader } from "../image/codec.ts";
import { InputError } from "../image/input_error.ts";
import { encodeMask } from "../image/mask.ts";
import { resizeShortSide } from "../image/pillow_resize.ts";
import type { Picture } from "../image/picture.ts";
import { upright } from "../image/upright.ts";
import { readBytes } from "../image/read_bytes.ts";
import { shrink } from "../image/resample.ts";
import type { SrNet } from "../nn/contracts.ts";
import type { Params } from "../nn/params.ts";
import type { TaskNet } from "../tasks/task.ts";
import { upscale } from "../tensor/ops/upscale.ts";
import type { Answer, Answering } from "./answer.ts";
import { picturePsnr } from "./picture_psnr.ts";
import { enlargeInTiles, overlapOf, type Tiling } from "./tiles.ts";

/** What the stage's parameters say. */
export interface PredictOptions {
  scale: number;
  /** What T is shown where there is no S: bilinearly enlarged photos, or photos as they are. */
  without_sr: "bilinear" | "none";
  degrade: boolean;
  degradation: Degradation;
  tile: number;
  overlap: number | null;
  task_side: number;
  max_side: number | null;
  transform: { resize: number | null; crop: number | null };
}

/** The networks. */
export interface PredictNetworks<B extends ImageBatch> {
  sr?: { name: string; net: SrNet; params: Params };
  task?: { name: string; net: TaskNet<B>; answering: Answering<B, TaskNet<B>>; classes: string[] };
}

/** One photo. */
export interface Photo {
  /** Where it lies. */
  path: string;
  /** What its results are called. */
  name: string;
}

/** What is told while it is done. */
export interface PredictReport {
  log(line: string): void;
  progress(done: number, total: number, unit: string): void;
}

/** A file of a photo's results, with a small version for looking at. */
export interface Shown {
  /** What it shows, for people. */
  heading: string;
  /** Its name in the folder. */
  file: string;
  width: number;
  height: number;
  small: Picture;
}

/** What came of a photo. */
export interface Prediction {
  name: string;
  /** As it is written to JSON. */
  result: Record<string, unknown>;
  /** In a few words. */
  summary: string;
  shown: Shown[];
}

/** Sides of the smallest photo that S takes, and of the smallest picture that T takes: its stride. */
const SMALLEST_LOW = 8, SMALLEST_SEEN = 32;

/** The codec writes no picture of more pixels. */
const MOST_PIXELS = 0x3FFF ** 2;

/** Longer side of what the page shows, pixels. */
const SMALL_SIDE = 1280;

/**
 * Reads what the files say of themselves, so that one that is no picture is found before any work.
 *
 * @throws {InputError} that names it
 */
export async function checkPhotos(paths: readonly string[]): Promise<void> {
  for (const path of paths) await readHeader(await readBytes(path), path);
}

/** Does one photo and writes its files into a folder. */
export async function predictPhoto<B extends ImageBatch>(
  photo: Photo,
  folder: string,
  options: PredictOptions,
  { sr: S, task: T }: PredictNetworks<B>,
  report: PredictReport & { signal: AbortSignal },
): Promise<Prediction> {
  const { name } = photo;
  const { scale } = options;
  const given = await readPhoto(photo, options, report);
  const original = options.degrade ? wholeMultiple(given, scale) : undefined;
  const low = original === undefined ? given : await degraded(original, options);
  checkSize(photo, low, options, { sr: S !== undefined, task: T !== undefined });

  const seen = await enlarged(photo, low, options, S, report);
  const large = { width: low.width * scale, height: low.height * scale };
  const result: Record<string, unknown> = {
    photo: name,
    scale,
    input: { width: low.width, height: low.height },
  };
  const shown: Shown[] = [];
  const write = async (what: string, heading: string, picture: Picture) => {
    const file = `${name}_${what}.png`;
    await Deno.writeFile(`${folder}/${file}`, await pngBytes(picture));
    shown.push(await looked(heading, file, picture));
    return file;
  };

  if (original !== undefined) await write("original", "original", original);
  if (original !== undefined) result.low = await write("low", "low resolution", low);
  result.bicubic = `${name}_bicubic.png`;
  await Deno.writeFile(`${folder}/${result.bicubic}`, await bicubicPng(low, large));
  shown.push({
    heading: "bicubic",
    file: `${result.bicubic}`,
    ...large,
    small: await enlargeBicubic(low, fitInto(large, SMALL_SIDE)),
  });
  if (S !== undefined) {
    result.sr = { network: S.name, file: await write("sr", `SR ×${scale}`, seen) };
  }
  const notes: string[] = [];
  if (original !== undefined) {
    const bicubic = picturePsnr(await enlargeBicubic(low, large), original);
    const psnr = { bicubic, ...S === undefined ? {} : { sr: picturePsnr(seen, original) } };
    result.psnr = psnr;
    notes.push(...Object.entries(psnr).map(([what, value]) => `${what} ${value.toFixed(2)} dB`));
  }
  if (T !== undefined) {
    const answer = await ask(T, seen, options, name);
    const file = await write("found", answer.summary, answer.drawn);
    notes.push(answer.summary);
    result.task = { network: T.name, file, found: answer.found };
    if (answer.classMap !== undefined) {
      const map = `${name}_classes.png`;
      await encodeMask(answer.classMap, `${folder}/${map}`);
      result.classMap = map;
    }
  }
  await Deno.writeTextFile(`${folder}/${name}.json`, JSON.stringify(result, null, 2) + "\n");
  return { name, result, summary: notes.join("; "), shown };
}

async function readPhoto(
  { path, name }: Photo,
  { max_side: maxSide }: PredictOptions,
  report: PredictReport,
): Promise<Picture> {
  const bytes = await readBytes(path);
  const { orientation } = await readHeader(bytes, path);
  const picture = upright(await decodeBytes(bytes, path), orientation);
  const size = fitInto(picture, maxSide ?? Infinity);
  if (size.width === picture.width && size.height === picture.height) return picture;
  report.log(`${name}: ${sizeText(picture)} is shrunk to ${sizeText(size)}`);
  return await shrink(picture, size);
}

function checkSize(
  { path }: Photo,
  low: Picture,
  { scale, without_sr }: PredictOptions,
  has: { sr: boolean; task: boolean },
): void {
  const side = Math.min(low.width, low.height);
  const times = has.sr || without_sr === "bilinear" ? scale : 1;
  const least = Math.max(SMALLEST_LOW, has.task ? Math.ceil(SMALLEST_SEEN / times) : 0);
  if (side < least) {
    throw new InputError(
      `Cannot use ${path}: the network would be given ${sizeText(low)} pixels; ` +
        `expected ${least} or more each way`,
    );
  }
  const pixels = low.width * low.height * scale ** 2;
  if (pixels > MOST_PIXELS) {
    throw new InputError(
      `Cannot enlarge ${path}: ${low.width * scale}x${low.height * scale} are more pixels than ` +
        `the ${MOST_PIXELS} that a PNG file can be written of; say --max-side ` +
        `${Math.floor(Math.max(low.width, low.height) * Math.sqrt(MOST_PIXELS / pixels))}`,
    );
  }
}

/** What T is shown, and people too, in the large size. */
async function enlarged(
  { name }: Photo,
  low: Picture,
  { scale, tile, overlap, without_sr }: PredictOptions,
  S: PredictNetworks<ImageBatch>["sr"],
  { progress, signal }: PredictReport & { signal: AbortSignal },
): Promise<Picture> {
  const [width, height] = [low.width * scale, low.height * scale];
  if (S === undefined) {
    return without_sr === "none" ? low : await throughTensor(low, (x) => upscale(x, scale));
  }
  const own = overlapOf(S.params);
  const tiling: Tiling = overlap === null
    ? { tile, ...own }
    : { tile, margin: Math.floor((overlap - own.fade) / 2), fade: own.fade };
  if (tiling.margin < 0) {
    throw new InputError(
      `Cannot overlap by ${overlap} pixels: ${S.name} needs ${own.fade} or more`,
    );
  }
  const bytes = await enlargeInTiles(low, {
    ...S,
    scale,
    tiling,
    out: new Uint8ClampedArray(width * height * 3),
    onTile: (done, total) => {
      if (total > 1) progress(done, total, `tiles of ${name}`);
    },
    signal,
  });
  return { width, height, data: new Uint8Array(bytes.buffer) };
}

/** The low-resolution twin, as it was made for training. */
function degraded(original: Picture, { scale, degradation }: PredictOptions): Promise<Picture> {
  return throughTensor(original, (x) => lowResolution(x, scale, degradation));
}

async function throughTensor(
  picture: Picture,
  change: (x: tf.Tensor4D) => tf.Tensor4D,
): Promise<Picture> {
  const changed = tf.tidy(() => change(tf.expandDims(toTensor(picture))));
  const [result] = await toPictures(changed);
  changed.dispose();
  return result;
}

/** As evaluation shows T its pictures; larger ones than detectors take are shrunk for all tasks. */
async function ask<B extends ImageBatch>(
  { net, answering, classes }: Required<PredictNetworks<B>>["task"],
  seen: Picture,
  { task_side, transform: { resize, crop } }: PredictOptions,
  name: string,
): Promise<Answer> {
  const size = fitInto(seen, task_side);
  const sized = resize !== null
    ? resizeShortSide(seen, resize)
    : size.width < seen.width
    ? await shrink(seen, size)
    : seen;
  const picture = answering.window && crop !== null
    ? cropWindow(sized, crop, centreCorner(sized, crop), name)
    : sized;
  const images = tf.tidy(() => tf.expandDims<tf.Tensor4D>(toTensor(picture)));
  const answer = await answering.answer(net, {
    picture,
    images,
    classes,
    zoom: seen.width / sized.width,
  });
  images.dispose();
  return answer;
}

async function looked(heading: string, file: string, picture: Picture): Promise<Shown> {
  const { width, height } = picture;
  const size = fitInto(picture, SMALL_SIDE);
  const small = size.width === width ? picture : await shrink(picture, size);
  return { heading, file, width, height, small };
}

/** The size with at most so many pixels on the longer side. */
function fitInto(
  { width, height }: { width: number; height: number },
  side: number,
): { width: number; height: number } {
  const factor = Math.min(1, side / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * factor)),
    height: Math.max(1, Math.round(height * factor)),
  };
}

function wholeMultiple(picture: Picture, scale: number): Picture {
  const [width, height] = [picture.width, picture.height]
    .map((length) => Math.max(1, Math.floor(length / scale)) * scale);
  if (width > picture.width || height > picture.height) return picture; // refused for its size
  return cropPicture(picture, 0, 0, width, height);
}

function sizeText({ width, height }: { width: number; height: number }): string {
  return `${width}x${height}`;
}
