/**
 * A tiny archive laid out as Pascal VOC 2012.
 *
 * @module
 */
import { encode } from "fast-png";
import { pngBytes } from "../../ml/image/codec.ts";
import { blankPicture } from "../../ml/image/picture.ts";
import { tarFile } from "../helpers/tar.ts";

/** Two images for each task, one of them for both, and one that no list names. */
export async function vocArchive(): Promise<Uint8Array> {
  const picture = await pngBytes(blankPicture(20, 10));
  const files: Record<string, string | Uint8Array> = {
    "ImageSets/Main/train.txt": "2008_1\n",
    "ImageSets/Main/val.txt": "2008_2\n",
    "ImageSets/Segmentation/train.txt": "2008_2\n",
    "ImageSets/Segmentation/val.txt": "2008_3\n",
    "SegmentationObject/2008_2.png": "not looked at",
  };
  for (const name of ["2008_1", "2008_2", "2008_3", "2008_4"]) {
    files[`Annotations/${name}.xml`] = annotation(name);
    files[`JPEGImages/${name}.jpg`] = picture;
  }
  for (const name of ["2008_2", "2008_3"]) files[`SegmentationClass/${name}.png`] = mask();
  return await tarFile(
    Object.entries(files).map(([name, content]) => ({
      name: `VOCdevkit/VOC2012/${name}`,
      content,
    })),
  );
}

const object = (name: string, difficult: number) =>
  `<object><name>${name}</name><difficult>${difficult}</difficult><bndbox><xmin>1</xmin>` +
  "<ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>";

const annotation = (name: string) =>
  `<annotation><filename>${name}.jpg</filename><size><width>20</width><height>10</height></size>` +
  `${object("dog", 1)}${object("cat", 0)}</annotation>`;

/** 20x10: background, a dog (12) in the right half, a border of 255 between them. */
function mask(): Uint8Array {
  const data = Uint8Array.from({ length: 200 }, (_, i) => i % 20 < 9 ? 0 : i % 20 < 11 ? 255 : 12);
  const palette = Array.from({ length: 256 }, (_, i) => [i, 255 - i, 3]);
  return encode({ width: 20, height: 10, channels: 1, data, palette });
}
