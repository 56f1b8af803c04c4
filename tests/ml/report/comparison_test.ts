import assert from "node:assert/strict";
import { compare, ranked, toMarkdown } from "../../../ml/report/comparison.ts";
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
    best: 2,
  });
});

Deno.test("the best is one that did not see the originals and has a score", () => {
  assert.deepEqual(ranked([H2T, FAILED, S2T, SR4IR]), [3, 2]);
  assert.equal(compare([H2T], []).best, null);
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
