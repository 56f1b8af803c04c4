import assert from "node:assert/strict";
import { readSegmentationDataset } from "../../ml/data/segmentation_dataset.ts";
import { decodeMask } from "../../ml/image/mask.ts";
import stage from "../../stages/dataset_voc2012_segmentation.ts";
import { imported } from "./imported.ts";
import { vocArchive } from "./voc_archive.ts";

Deno.test("VOC 2012's segmentation part is unpacked and converted, its border kept", async () => {
  await using data = await imported(stage, { archive: await vocArchive() }, (path) => ({
    inputs: { archive: path },
  }));
  const train = await readSegmentationDataset(data.outputs.train);
  assert.equal(train.classes.length, 21);
  assert.deepEqual([train.classes[0], train.classes[12]], ["background", "dog"]);
  assert.deepEqual(train.samples.map(({ file }) => file.split("/").at(-1)), ["2008_2.jpg"]);
  const { data: values } = await decodeMask(train.samples[0].mask);
  assert.deepEqual([...values.slice(7, 13)], [0, 0, 255, 255, 12, 12]);
  const val = await readSegmentationDataset(data.outputs.val);
  assert.deepEqual(val.samples.map(({ mask }) => mask.split("/").at(-1)), ["2008_3.png"]);
  assert.deepEqual([...Deno.readDirSync(data.scratch)], []);
  assert.deepEqual(data.tables, { Imported: [["train", 1, 2, 90], ["val", 1, 2, 90]] });
});
