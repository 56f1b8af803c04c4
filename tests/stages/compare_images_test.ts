import assert from "node:assert/strict";
import { encodePng } from "../../ml/image/codec.ts";
import { blankPicture } from "../../ml/image/picture.ts";
import stage from "../../stages/compare_images.ts";
import { temporaryFolder } from "../ml/data/temporary_folder.ts";
import { fakeContext } from "./fake_context.ts";

/** What `evaluate_images` writes of one picture. */
async function evaluated(folder: string, network: string | null, shade: number) {
  await Deno.mkdir(`${folder}/pictures`, { recursive: true });
  const pictures: Record<string, string> = {};
  const versions = { lr: 16, bicubic: 32, hr: 32, ...network === null ? {} : { sr: 32 } };
  for (const [version, size] of Object.entries(versions)) {
    pictures[version] = `pictures/0_${version}.png`;
    const grey = blankPicture(size, size, [shade, version.length, size]);
    await encodePng(grey, `${folder}/${pictures[version]}`);
  }
  const scores = { "PSNR RGB": shade - 2, "PSNR Y": shade };
  const metrics = {
    ...{ set: "mine", network, scale: 2, degradation: "official", border: 2, means: scores },
    images: [{ name: "a.png", width: 32, height: 32, scores, pictures }],
  };
  await Deno.writeTextFile(`${folder}/image_metrics.json`, JSON.stringify(metrics));
}

Deno.test("measured enlargements become a table in three forms and a page", async () => {
  await using dir = await temporaryFolder();
  await evaluated(`${dir.path}/sr`, "edsr_light", 31.5);
  await evaluated(`${dir.path}/bicubic`, null, 30);
  const { told, context } = await fakeContext(dir.path, (at) => ({ comparison: at("comparison") }));
  const metrics = { "evaluate/2": `${dir.path}/sr`, "bicubic/2": `${dir.path}/bicubic` };
  const params = stage.params.parse({ title: "Mine" });
  await stage.run({ ...context, params, inputs: { metrics } });

  const rows = [
    ["mine", "x2", "bicubic", 30, null, 28],
    ["mine", "x2", "edsr_light", 31.5, 1.5, 29.5],
  ];
  assert.deepEqual(told.tables, { "Enlarged pictures against their originals": rows });
  const read = (name: string) => Deno.readTextFile(`${context.outputs.comparison}/${name}`);
  assert.deepEqual(JSON.parse(await read("comparison.json")), {
    title: "Enlarged pictures against their originals",
    columns: ["pictures", "scale", "enlarged by", "PSNR Y", "gain", "PSNR RGB"],
    rows,
    best: [1],
  });
  assert.match(
    await read("comparison.md"),
    /\*\*edsr\\_light\*\* \| \*\*31\.50\*\* \| \*\*\+1\.50/,
  );
  const page = await read("report.html");
  assert.match(page, /<h1>Mine<\/h1>/);
  assert.match(page, /edsr_light is 1\.50 dB above bicubic/);
  assert.equal(page.split("<figure").length - 1, 8);
});
