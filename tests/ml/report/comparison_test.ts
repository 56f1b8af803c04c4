import assert from "node:assert/strict";
import { compare, inOrder, ranked, toMarkdown } from "../../../ml/report/comparison.ts";
import { metricsOf } from "./evaluations.ts";

const H2T = metricsOf("h2t", "H→T", { AP: 73.96, AP50: 99, PSNR: null });
const S2T = metricsOf("s2t", "S→T", { AP: 40.04, AP50: 70.05, PSNR: 24.345 });
const SR4IR = metricsOf("sr4ir", "SR4IR", { AP: 47, AP50: 77.77, PSNR: 23.999 });
const FAILED = metricsOf("l2t", "L→T", { AP: 0, AP50: 1, PSNR: 20 });

Deno.test("the main metric comes first, rounded to what it is worth", () => {
  assert.deepEqual(compare([H2T, S2T, SR4IR], ["PSNR", "AP", "AP50"]), {
    title: "AP by setting",
    columns: ["setting", "AP", "PSNR", "AP50"],
    rows: [
      ["H→T", 74, null, 99],
      ["S→T", 40, 24.34, 70],
      ["SR4IR", 47, 24, 77.8],
    ],
    best: [2],
  });
});

Deno.test("the best is one that did not see the originals and has a score", () => {
  assert.deepEqual(ranked([H2T, FAILED, S2T, SR4IR], [1, 2, 3]), [3, 2]);
  assert.deepEqual(compare([H2T, FAILED, S2T, SR4IR], []).best, [3]);
  assert.deepEqual(compare([H2T], []).best, []);
});

Deno.test("the table for a README has equal digits, dashes and the best in bold", () => {
  assert.equal(
    toMarkdown(compare([H2T, SR4IR], ["PSNR"])),
    `
| setting | AP | PSNR |
| --- | --: | --: |
| H→T | 74.0 | – |
| **SR4IR** | **47.0** | **24.00** |
`.trimStart(),
  );
});

Deno.test("labels cannot break the table", () => {
  const odd = metricsOf("h2t", "a|b *c*", { AP: 1 });
  assert.match(toMarkdown(compare([odd], [])), /\n\| a\\\|b \\\*c\\\* \| 1\.0 \|\n$/);
});

Deno.test("a metric that no setting has is named, with those there are", () => {
  assert.throws(() => compare([H2T], ["AP51"]), {
    name: "InputError",
    message: 'Cannot show the metric "AP51": no setting has it; there are AP, AP50, PSNR',
  });
  assert.throws(() => compare([], []), {
    name: "InputError",
    message: "Cannot compare: there are no evaluated settings",
  });
});

Deno.test("several scales and networks are ordered and named, and each pair has a best of its own", () => {
  const of = (metrics: ReturnType<typeof metricsOf>, scale: number, network: string | null) => ({
    folder: "",
    metrics: { ...metrics, scale, network },
    curves: {},
    pictures: [],
  });
  const all = inOrder([
    of(SR4IR, 8, "edsr"),
    of(S2T, 8, "edsr"),
    of(SR4IR, 4, "swinir"),
    of(S2T, 4, "swinir"),
    of(SR4IR, 4, "edsr"),
    of(S2T, 4, "edsr"),
    of(FAILED, 8, null),
    of({ ...FAILED, metrics: { AP: 46 } }, 4, null),
    of(H2T, 4, null),
  ]).map(({ metrics }) => metrics);
  const { rows, best } = compare(all, []);
  assert.deepEqual(rows, [
    ["H→T", 74],
    ["L→T ×4", 46],
    ["S→T ×4 edsr", 40],
    ["SR4IR ×4 edsr", 47],
    ["S→T ×4 swinir", 40],
    ["SR4IR ×4 swinir", 47],
    ["L→T ×8", 0],
    ["S→T ×8 edsr", 40],
    ["SR4IR ×8 edsr", 47],
  ]);
  assert.deepEqual(best, [3, 5, 8]);
});
