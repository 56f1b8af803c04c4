import assert from "node:assert/strict";
import { readImageResult } from "../../../ml/report/image_folder.ts";
import { temporaryFolder, writeFiles } from "../data/temporary_folder.ts";

const kept = {
  lr: "pictures/0_lr.png",
  bicubic: "pictures/0_bicubic.png",
  hr: "pictures/0_hr.png",
};
const image = { name: "a.png", width: 8, height: 4, scores: { "PSNR Y": 30 } };

async function read(network: string | null, pictures: Record<string, string>[]) {
  await using dir = await temporaryFolder();
  const metrics = {
    ...{ set: "mine", network, scale: 2, degradation: "official", border: 2 },
    means: { "PSNR Y": 30 },
    images: pictures.map((pictures) => ({ ...image, pictures })),
  };
  await writeFiles(dir.path, { "image_metrics.json": JSON.stringify(metrics) });
  const { folder, ...rest } = await readImageResult(dir.path);
  assert.equal(folder, dir.path);
  return rest;
}

Deno.test("a result is read with the pictures that were kept", async () => {
  const sr = "pictures/0_sr.png";
  const shown = {
    ...{ name: "a", width: 8, height: 4, metrics: { "PSNR Y": 30 } },
    ...{ low: kept.lr, original: kept.hr },
  };
  const about = { set: "mine", scale: 2, degradation: "official", metrics: { "PSNR Y": 30 } };
  assert.deepEqual(await read("edsr", [{ ...kept, sr }, {}]), {
    ...{ ...about, network: "edsr", images: 2 },
    pictures: [{ ...shown, enlarged: sr }],
  });
  assert.deepEqual(await read(null, [kept]), {
    ...{ ...about, network: null, images: 1 },
    pictures: [{ ...shown, enlarged: kept.bicubic }],
  });
});
