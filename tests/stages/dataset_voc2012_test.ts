import assert from "node:assert/strict";
import { readDetectionDataset } from "../../ml/data/detection_dataset.ts";
import stage from "../../stages/dataset_voc2012.ts";
import { tarFile } from "../helpers/tar.ts";
import { imported, refused } from "./imported.ts";
import { vocArchive } from "./voc_archive.ts";

const archived = async (params = {}) =>
  await imported(stage, { archive: await vocArchive() }, (data) => ({
    params,
    inputs: { archive: data },
  }));

Deno.test("VOC 2012's detection part is unpacked and converted, and nothing is left behind", async () => {
  await using data = await archived();
  const train = await readDetectionDataset(data.outputs.train);
  assert.equal(train.classes.length, 21, "all twenty classes, also those that do not occur");
  assert.deepEqual(train.samples.map(({ id, labels }) => [id, [...labels]]), [
    ["2008_1", [12, 8]],
  ]);
  assert.deepEqual([...train.samples[0].boxes.slice(0, 4)], [0, 0, 9, 9]);
  const val = await readDetectionDataset(data.outputs.val);
  assert.deepEqual(val.samples.map(({ id }) => id), ["2008_2"]);
  assert.deepEqual([...Deno.readDirSync(data.scratch)], []);
  assert.deepEqual(data.tables, { Imported: [["train", 1, 2, 0, 0], ["val", 1, 2, 0, 0]] });
});

Deno.test("objects marked as difficult can be dropped", async () => {
  await using data = await archived({ difficult: "drop" });
  for (const split of [data.outputs.train, data.outputs.val]) {
    const { samples, groundTruth } = await readDetectionDataset(split);
    assert.deepEqual([...samples[0].labels], [8]);
    assert.equal(groundTruth.annotations.length, 1);
  }
});

Deno.test("another archive is refused with what was expected", async () => {
  const archive = await tarFile([{ name: "a.txt", content: "x" }]);
  assert.equal(
    await refused(stage, { archive }, (data) => ({ inputs: { archive: data } })),
    "Cannot use DATA/archive: expected VOCdevkit/VOC2012/Annotations in it; " +
      "it is not Pascal VOC's archive",
  );
});
