import assert from "node:assert/strict";
import { decode } from "../../../ml/image/codec.ts";
import { blankPicture } from "../../../ml/image/picture.ts";
import { readEvaluation } from "../../../ml/report/evaluation_folder.ts";
import { writeEvaluation } from "../../../ml/report/write_evaluation.ts";
import { testFolder } from "../../helpers/folder.ts";
import { metricsOf, writeSome } from "./evaluations.ts";

const METRICS = metricsOf("sr4ir", "SR4IR", { AP: 47.26, PSNR: null });

Deno.test("an evaluation is read as it was written, pictures in their pixels", async () => {
  using dir = testFolder();
  await writeSome(dir.path, METRICS);
  const { metrics, curves, pictures, folder } = await readEvaluation(dir.path);
  assert.equal(folder, dir.path);
  assert.deepEqual(metrics, METRICS);
  assert.deepEqual(curves.task, [[1, 2], [2, 0.5]]);
  const [{ width, height, low, seen, original, found }] = pictures;
  assert.deepEqual([width, height, found.length], [4, 4, 3]);
  assert.deepEqual([low, seen, original], [
    "pictures/0_low.png",
    "pictures/0_seen.png",
    "pictures/0_original.png",
  ]);
  assert.deepEqual(await decode(`${dir.path}/${low}`), blankPicture(1, 1));
  assert.deepEqual(await decode(`${dir.path}/${seen}`), blankPicture(4, 4, [255, 0, 0]));
  assert.deepEqual(await decode(`${dir.path}/${original}`), blankPicture(4, 4, [0, 0, 255]));
});

Deno.test("photographs are kept as WebP", async () => {
  using dir = testFolder();
  const [low, large] = [blankPicture(75, 75), blankPicture(300, 300, [9, 9, 9])];
  const picture = { index: 7, name: "a.jpg", low, seen: large, original: large };
  await writeEvaluation(dir.path, {
    metrics: METRICS,
    predictions: [],
    curves: {},
    pictures: [{ ...picture, truth: [], found: [] }],
  });
  const [shown] = (await readEvaluation(dir.path)).pictures;
  assert.deepEqual([shown.low, shown.seen], ["pictures/7_low.png", "pictures/7_seen.webp"]);
  assert.equal((await decode(`${dir.path}/${shown.seen}`)).width, 300);
});
