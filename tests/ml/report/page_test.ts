import assert from "node:assert/strict";
import { XMLValidator } from "fast-xml-parser";
import { compare, inOrder } from "../../../ml/report/comparison.ts";
import { blankPicture } from "../../../ml/image/picture.ts";
import { readEvaluation } from "../../../ml/report/evaluation_folder.ts";
import { renderPage } from "../../../ml/report/page.ts";
import { headline } from "../../../ml/report/results.ts";
import { testFolder } from "../../helpers/folder.ts";
import { metricsOf, writeSome } from "./evaluations.ts";

const SETTINGS = [
  metricsOf("sr4ir", "SR4IR", { AP: 47.26, PSNR: 24 }),
  metricsOf("s2t", "S→T", { AP: 41.15, PSNR: 25 }),
  metricsOf("h2t", "H→T", { AP: 74, PSNR: null }),
];

type Maps = Parameters<typeof writeSome>[2];

async function page(title: string, settings = SETTINGS, maps?: Maps): Promise<string> {
  using dir = testFolder();
  const folders = settings.map(({ setting }) => `${dir.path}/${setting}`);
  for (const [i, folder] of folders.entries()) await writeSome(folder, settings[i], maps);
  const all = inOrder(await Promise.all(folders.map(readEvaluation)));
  return await renderPage(title, compare(all.map(({ metrics }) => metrics), ["PSNR"]), all);
}

Deno.test("a page is well-formed, escapes what it is given and needs nothing from outside", async () => {
  const text = await page(`<script>alert("1")</script>`);
  const xml = text.replace("<!doctype html>", "").replace(/<(meta [^>]*)>/g, "<$1/>");
  assert.equal(XMLValidator.validate(xml), true);
  assert.doesNotMatch(text, /<script|<A>|https?:|src=|@import|url\(/);
  assert.match(text, /<h1>&#60;script&#62;alert\(&#34;1&#34;\)/);
  assert.match(text, /&#60;A&#62; 0\.99/);
});

Deno.test("pictures go from what was least to what should have been found", async () => {
  const text = await page("t");
  const headings = [...text.matchAll(/<th scope="col">([^<]*)<\/th>/g)].map(([, name]) => name);
  assert.deepEqual(headings.slice(3), [
    ...["LR", "S→T", "SR4IR", "H→T", "truth"],
    ...["class", "H→T", "S→T", "SR4IR"],
  ]);
  assert.equal(text.split("data:image/png;base64,").length - 1, 5);
  assert.equal(text.split(`png">1 of 2 right, 1 wrong<`).length - 1, 3);
});

Deno.test("classes of pixels lie over the pictures, and a key says which colour is which", async () => {
  const colours = { ground: [0, 0, 0], "<A>": [128, 0, 0] } as const;
  const settings = SETTINGS.map((metrics) => ({ ...metrics, colours }));
  const maps = { truth: blankPicture(4, 4, [128, 0, 0]), found: blankPicture(4, 4, [0, 0, 0]) };
  const text = await page("t", settings, maps);
  // Three settings and the truth; the low-resolution picture has none.
  assert.equal(text.split('<image class="map"').length - 1, 4);
  const key = [...text.matchAll(/<i class="class" style="background: ([^"]*)"><\/i>([^<]*)</g)];
  assert.deepEqual(key.map(([, colour, name]) => [colour, name]), [
    ["rgb(0 0 0)", "ground"],
    ["rgb(128 0 0)", "&#60;A&#62;"],
  ]);
  assert.doesNotMatch(text, /as annotated/);
});

Deno.test("the rows are in the paper's order, and the best is marked", async () => {
  const rows = [...(await page("t")).matchAll(/<tr class="(\w+)"><th scope="row">([^<]*)</g)];
  assert.deepEqual(rows.map(([, kind, label]) => [label, kind]), [
    ["H→T", "limit"],
    ["S→T", "plain"],
    ["SR4IR", "best"],
  ]);
});

Deno.test("the headline says who is best, by how much, and what the limit is", () => {
  assert.equal(
    headline(SETTINGS),
    "SR4IR reaches 47.3 AP, 6.2 more than the next best (S→T, 41.1). " +
      "With the originals it would be 74.0.",
  );
  assert.equal(headline(SETTINGS.slice(1, 2)), "S→T reaches 41.1 AP.");
  assert.equal(
    headline([metricsOf("s2t", "S→T", { AP: 0 })]),
    "AP is zero in every setting; longer training may help.",
  );
});

Deno.test("what has no pictures and no curves has a page without them", async () => {
  const metrics = SETTINGS.slice(0, 1);
  const text = await renderPage("t", compare(metrics, []), [
    { folder: "", metrics: metrics[0], curves: {}, pictures: [] },
  ]);
  assert.doesNotMatch(text, /<h2>(Pictures|Losses)/);
  assert.match(text, /<h2>AP by class/);
});
