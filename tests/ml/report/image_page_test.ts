import assert from "node:assert/strict";
import { encodePng } from "../../../ml/image/codec.ts";
import { blankPicture } from "../../../ml/image/picture.ts";
import { renderImagePage } from "../../../ml/report/image_page.ts";
import { groupResults, type ImageResult, tableOf } from "../../../ml/report/image_results.ts";
import { temporaryFolder } from "../data/temporary_folder.ts";
import { result } from "./image_results.ts";

/** A result with one picture of 64x64, whose enlarged version has the given shade. */
async function shown(
  folder: string,
  network: string | null,
  scale: number,
  shade: number,
): Promise<ImageResult> {
  await Deno.mkdir(folder);
  const grey = (size: number, value: number) => blankPicture(size, size, [value, value, value]);
  await encodePng(grey(64 / scale, 7), `${folder}/low.png`);
  await encodePng(grey(64, shade), `${folder}/enlarged.png`);
  await encodePng(grey(64, 200), `${folder}/original.png`);
  const metrics = { "PSNR Y": shade / 10 };
  return {
    ...result("my <set>", scale, network, metrics),
    folder,
    pictures: [{
      name: "one",
      width: 64,
      height: 64,
      low: "low.png",
      enlarged: "enlarged.png",
      original: "original.png",
      metrics,
    }],
  };
}

const count = (text: string, part: string) => text.split(part).length - 1;

Deno.test("the page shows each version whole and in detail, and holds each picture once", async () => {
  await using dir = await temporaryFolder();
  const all = [
    await shown(`${dir.path}/a`, null, 2, 150),
    await shown(`${dir.path}/b`, "edsr", 2, 190),
    await shown(`${dir.path}/c`, null, 4, 100),
  ];
  const groups = groupResults(all);
  const page = await renderImagePage("Mine & yours", tableOf(groups), groups);

  assert.match(page, /<h1>Mine &#38; yours<\/h1>/);
  assert.match(page, /<h2>my &#60;set&#62;, ×2<\/h2>/);
  assert.match(page, /<h2>my &#60;set&#62;, ×4<\/h2>/);
  assert.match(page, /edsr is 4\.00 dB above bicubic/);
  assert.match(page, /Low resolution \(matlab\): MATLAB/);
  const captions = [...page.matchAll(/<figcaption[^>]*>([^<]*)/g)].map(([, text]) => text);
  const whole = ["\u00a0", "15.00 dB", "19.00 dB", "\u00a0"];
  const other = ["\u00a0", "10.00 dB", "\u00a0"];
  const details = (n: number) => Array(n).fill("detail");
  assert.deepEqual(captions, [...whole, ...details(4), ...other, ...details(3)]);
  // At x2 LR once, bicubic, SR and original with a detail each; at x4 the original is there already.
  assert.equal(count(page, "data:image/png"), 7 + 3);
  const ids = [...page.matchAll(/<image id="(p\d+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, 10);
  const uses = [...page.matchAll(/<use href="#(p\d+)"/g)].map(([, id]) => id);
  assert.equal(uses.length, 2 * 7 - 10);
  assert.ok(uses.every((id) => ids.includes(id)), "what is referred to is there");
  assert.equal(count(page, "://"), 0, "nothing is loaded from elsewhere");
});

Deno.test("the detail is the frame's part of the picture", async () => {
  await using dir = await temporaryFolder();
  const groups = groupResults([await shown(`${dir.path}/a`, null, 2, 150)]);
  const page = await renderImagePage("t", tableOf(groups), groups);
  const frame = page.match(/class="frame" x="(\d+)" y="(\d+)" width="(\d+)"/)?.slice(1).map(Number);
  const low = page.match(/class="low detail"[^>]*viewBox="(\d+) (\d+) (\d+) 32"/)?.slice(1);
  assert.deepEqual(frame, [0, 0, 32]);
  assert.deepEqual(low?.map(Number), frame);
});

Deno.test("without kept pictures the page is a table", async () => {
  const groups = groupResults([result("a", 2, null, { "PSNR Y": 30 })]);
  const page = await renderImagePage("t", tableOf(groups), groups);
  assert.equal(count(page, "<figure"), 0);
  assert.equal(count(page, "furthest from the original"), 0);
  assert.match(page, /<td>30\.00<\/td>/);
});
