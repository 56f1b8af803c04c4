/**
 * An evaluated setting on disk: `metrics.json`, `predictions.json`, `curves.json`, `pictures.json`
 * and the pictures that it names. What `evaluate` writes and `compare` reads.
 *
 * @module
 */
import { pngBytes, webpBytes } from "../image/codec.ts";
import type { Picture } from "../image/picture.ts";
import type { MarkedImage } from "../tasks/task.ts";
import type { Curves } from "../train/curves.ts";
import type { SettingEvaluation, SettingMetrics } from "../train/evaluate_setting.ts";

/** An image of an evaluation, with the files that show it. */
export interface ShownImage extends MarkedImage {
  /** Pixels of the original, which marks are measured in. */
  width: number;
  /** Pixels. */
  height: number;
  /** The low-resolution image. This and the next two are paths inside the folder. */
  low: string;
  /** What the task network saw. */
  seen: string;
  original: string;
}

/** What is known of an evaluated setting. */
export interface Evaluation {
  /** Holds the files of `pictures`. */
  folder: string;
  metrics: SettingMetrics;
  curves: Curves;
  pictures: ShownImage[];
}

/** Pictures with more pixels than this take several times less room as lossy WebP. */
const LARGEST_PNG = 256 * 256;

/** Writes what `readEvaluation()` reads, and the predictions. */
export async function writeEvaluation(
  folder: string,
  { metrics, predictions, curves, pictures }: SettingEvaluation,
): Promise<void> {
  await Deno.mkdir(`${folder}/pictures`, { recursive: true });
  const shown: ShownImage[] = [];
  for (const { index, low, seen, original, name, truth, found } of pictures) {
    const { width, height } = original;
    const write = async (what: string, picture: Picture) => {
      const small = picture.width * picture.height <= LARGEST_PNG;
      const file = `pictures/${index}_${what}.${small ? "png" : "webp"}`;
      await Deno.writeFile(`${folder}/${file}`, await (small ? pngBytes : webpBytes)(picture));
      return file;
    };
    shown.push({
      name,
      width,
      height,
      low: await write("low", low),
      seen: await write("seen", seen),
      original: await write("original", original),
      truth,
      found,
    });
  }
  await writeJson(`${folder}/metrics.json`, metrics);
  await writeJson(`${folder}/predictions.json`, predictions);
  await writeJson(`${folder}/curves.json`, curves);
  await writeJson(`${folder}/pictures.json`, shown);
}

/** Reads what `writeEvaluation()` has written, without the predictions. */
export async function readEvaluation(folder: string): Promise<Evaluation> {
  const read = async (file: string) => JSON.parse(await Deno.readTextFile(`${folder}/${file}`));
  return {
    folder,
    metrics: await read("metrics.json"),
    curves: await read("curves.json"),
    pictures: await read("pictures.json"),
  };
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(file, JSON.stringify(value, null, 2) + "\n");
}
