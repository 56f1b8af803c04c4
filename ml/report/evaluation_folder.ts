/**
 * An evaluated setting on disk: `metrics.json`, `predictions.json`, `curves.json`, `pictures.json`
 * and the pictures that it names.
 *
 * @module
 */
import type { MarkedImage } from "../evaluation/scoring.ts";
import type { Curves } from "../train/curves.ts";
import type { SettingMetrics } from "../evaluation/evaluate_setting.ts";

/** An image of an evaluation, with the files that show it. */
export interface ShownImage extends Omit<MarkedImage, "maps"> {
  /** Pixels of the original, which marks are measured in. */
  width: number;
  /** Pixels. */
  height: number;
  /** The low-resolution image. This and the next two are paths inside the folder. */
  low: string;
  /** What the task network saw. */
  seen: string;
  original: string;
  /** The class of every pixel as a colour. */
  maps?: { truth: string; found: string };
}

/** What is known of an evaluated setting. */
export interface Evaluation {
  /** Holds the files of `pictures`. */
  folder: string;
  metrics: SettingMetrics;
  curves: Curves;
  pictures: ShownImage[];
}

/** Reads what `writeEvaluation()` has written, but for the predictions. */
export async function readEvaluation(folder: string): Promise<Evaluation> {
  const read = async (file: string) => JSON.parse(await Deno.readTextFile(`${folder}/${file}`));
  return {
    folder,
    metrics: await read("metrics.json"),
    curves: await read("curves.json"),
    pictures: await read("pictures.json"),
  };
}
