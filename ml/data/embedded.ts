/**
 * Writes the embedded dataset's folders for detection and for what precedes it: pictures with boxes,
 * unlabelled ones, letter crops.
 *
 * @module
 */
import type { CocoDataset } from "./coco.ts";
import { writeAnnotations } from "./detection_dataset.ts";
import { CLASSES, CROP_CLASSES } from "./letters.ts";
import type { SyntheticOptions } from "./synthetic.ts";
import { type FolderOptions, writePictures } from "./write_pictures.ts";

/** Fills a folder with labelled pictures: a detection dataset. */
export async function writeDetectionFolder(folder: string, options: FolderOptions): Promise<void> {
  const { size = 96 } = options;
  const dataset = {
    type: "instances",
    images: [],
    categories: CLASSES.map((name, i) => ({ id: i + 1, name, supercategory: "letter" })),
    annotations: [],
  } satisfies CocoDataset as CocoDataset;
  await writePictures(folder, options, { size }, (file_name, { objects }, i) => {
    dataset.images.push({ id: i + 1, file_name, width: size, height: size });
    for (const { box: [x1, y1, x2, y2], letter } of objects) {
      dataset.annotations.push({
        id: dataset.annotations.length + 1,
        image_id: i + 1,
        category_id: letter + 1,
        bbox: [x1, y1, x2 - x1, y2 - y1],
        area: (x2 - x1) * (y2 - y1),
        iscrowd: 0,
        segmentation: [],
      });
    }
  });
  await writeAnnotations(folder, dataset);
}

/** Fills a folder with pictures without labels. */
export async function writeImageFolder(folder: string, options: FolderOptions): Promise<void> {
  await writePictures(folder, options, { size: options.size ?? 96 }, () => {});
}

/** Fills a folder with crops of one letter each, for pre-training a backbone. */
export async function writeCropFolder(folder: string, options: FolderOptions): Promise<void> {
  const labels: Record<string, number> = {};
  const drawing: SyntheticOptions = {
    size: options.size ?? 32,
    objects: [1, 1],
    blankProbability: 0,
    letters: CROP_CLASSES,
  };
  await writePictures(folder, options, drawing, (name, { objects }) => {
    labels[name] = objects[0].letter;
  });
  await Deno.writeTextFile(
    `${folder}/labels.json`,
    JSON.stringify({ classes: CROP_CLASSES, labels }) + "\n",
  );
}
