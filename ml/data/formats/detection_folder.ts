/**
 * A folder of one of the known detection formats.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import { type CocoLayout, looksLikeCoco, readCocoFolder } from "./coco_folder.ts";
import { exists } from "./folders.ts";
import type { DetectionSplits, ReadOptions } from "./source.ts";
import { findVoc, readVocFolder, type VocLayout } from "./voc_folder.ts";

/** Which folder, and what is known of it. */
export interface FolderOptions extends VocLayout, CocoLayout, ReadOptions {
  path: string;
  /** `auto` tells VOC by its folder Annotations, COCO by its annotation files. */
  format: "auto" | "voc" | "coco";
}

/**
 * Reads both splits of a folder.
 *
 * @throws {InputError} if there is nothing at the path, or nothing known
 */
export async function readDetectionFolder(options: FolderOptions): Promise<DetectionSplits> {
  const { path } = options;
  if (!await exists(path)) throw new InputError(`Cannot read ${path}: no such folder`);
  return await formatOf(options) === "voc"
    ? await readVocFolder(path, options, options)
    : await readCocoFolder(path, options, options);
}

async function formatOf({ format, path, train, annotations }: FolderOptions) {
  if (format !== "auto") return format;
  if (train?.endsWith(".json")) return "coco";
  if (annotations !== undefined || await findVoc(path) !== undefined) return "voc";
  if (await looksLikeCoco(path)) return "coco";
  throw new InputError(
    `Cannot use ${path}: expected a folder Annotations with Pascal VOC's XML files, ` +
      "or annotations/instances_train.json and instances_val.json in COCO's format",
  );
}
