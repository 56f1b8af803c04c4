import assert from "node:assert/strict";
import {
  adaptedHeadline,
  adaptedMarkdown,
  adaptedPage,
  type AdaptedReport,
  adaptedTable,
} from "../../../ml/predict/adapted_page.ts";

const SMALL = { width: 2, height: 2, data: new Uint8Array(12).fill(90) };
const LARGE = { width: 4, height: 4, data: new Uint8Array(48).fill(90) };

const REPORT: AdaptedReport = {
  title: "Mine",
  network: "detection/mine",
  agreement: { name: "F1", meaning: "How many boxes." },
  measured: [
    { label: "S before", agreement: 16.04, distance: 0.41167, psnr: 23.951 },
    { label: "S after", agreement: 62, distance: 0.302951, psnr: null },
  ],
  images: 12,
  pictures: [{
    name: "<a>.png",
    low: SMALL,
    enlarged: [1, 2].map((n) => ({ found: [], summary: `${n} found`, drawn: LARGE })),
    original: { found: [], summary: "3 found", drawn: LARGE },
  }],
  curves: [{ metrics: { label: "S after" }, curves: { pixel: [[1, 0.5], [2, 0.25]] } }],
};

Deno.test("the table has a row for each way to enlarge, in numbers as they are read", () => {
  const table = adaptedTable(REPORT);
  assert.deepEqual(table, {
    title: "T on enlarged pictures against T on 12 originals",
    columns: ["enlarged by", "F1", "feature distance", "PSNR"],
    rows: [["S before", 16, 0.412, 23.95], ["S after", 62, 0.303, null]],
  });
  assert.equal(
    adaptedMarkdown(table),
    `
| enlarged by | F1 | feature distance | PSNR |
| --- | --: | --: | --: |
| S before | 16.0 | 0.412 | 23.95 |
| S after | 62.0 | 0.303 | – |
`.trimStart(),
  );
});

Deno.test("the headline says how far T agrees with itself, or that it found nothing", () => {
  assert.equal(
    adaptedHeadline(REPORT),
    "What detection/mine says of pictures that the new S has enlarged agrees with what it says of " +
      "the originals by 62.0 % (F1); 16.0 with S before.",
  );
  const nothing = REPORT.measured.map((one) => ({ ...one, agreement: null }));
  assert.equal(
    adaptedHeadline({ ...REPORT, measured: nothing }),
    "detection/mine finds nothing in the original pictures, so there is nothing to agree with: " +
      "are they of the kind that it was trained on?",
  );
});

Deno.test("the page shows the table, each picture in every version, and the losses", async () => {
  const page = await adaptedPage(REPORT);
  assert.match(page, /This goes beyond the paper/);
  assert.match(page, /<td>62\.0<\/td><td>0\.303<\/td><td>–<\/td>/);
  assert.deepEqual(
    [...page.matchAll(/aria-label="([^"]*), &#60;a&#62;\.png"/g)].map(([, heading]) => heading),
    ["LR", "S before", "S after", "original"],
  );
  assert.match(page, /<figcaption data-of="original, &#60;a&#62;\.png">3 found<\/figcaption>/);
  assert.match(page, /<h2>Losses<\/h2>/);
});
