import assert from "node:assert/strict";
import { headline, imageMarkdown } from "../../../ml/report/image_page.ts";
import { groupResults, tableOf } from "../../../ml/report/image_results.ts";
import { result } from "./image_results.ts";

const ALL = [
  result("set5", 4, "swinir", { "PSNR Y": 30.004, "PSNR RGB": 28.5, "SSIM Y": 0.85 }),
  result("set5", 4, null, { "PSNR Y": 28.421, "PSNR RGB": 26.7, "SSIM Y": 0.8104 }),
  result("kodak", 2, "edsr", { "PSNR Y": 30.1, "PSNR RGB": 29, "SSIM Y": 0.9 }),
  result("set5", 2, null, { "PSNR Y": 33.66, "PSNR RGB": 31.8, "SSIM Y": 0.9299 }),
  result("set5", 4, "edsr", { "PSNR Y": 29.5, "PSNR RGB": 28.1, "SSIM Y": 0.84 }),
  result("kodak", 2, null, { "PSNR Y": 30.55, "PSNR RGB": 29.3, "SSIM Y": 0.91 }),
];

Deno.test("results stand by set, scale and network, bicubic first, each with what it gains", () => {
  const { columns, rows, best } = tableOf(groupResults(ALL));
  assert.deepEqual(columns, [
    ...["pictures", "scale", "enlarged by", "PSNR Y", "gain", "PSNR RGB", "SSIM Y"],
  ]);
  assert.deepEqual(rows, [
    ["set5", "x2", "bicubic", 33.66, null, 31.8, 0.9299],
    ["set5", "x4", "bicubic", 28.42, null, 26.7, 0.8104],
    ["set5", "x4", "edsr", 29.5, 1.08, 28.1, 0.84],
    ["set5", "x4", "swinir", 30, 1.58, 28.5, 0.85],
    ["kodak", "x2", "bicubic", 30.55, null, 29.3, 0.91],
    ["kodak", "x2", "edsr", 30.1, -0.45, 29, 0.9],
  ]);
  assert.deepEqual(best, [0, 3, 4]);
});

Deno.test("the order of what is handed in changes nothing but the order of the sets", () => {
  assert.deepEqual(
    tableOf(groupResults(ALL.toReversed())).rows.filter(([set]) => set === "set5"),
    tableOf(groupResults(ALL)).rows.filter(([set]) => set === "set5"),
  );
});

Deno.test("the table is Markdown, the best of each set and scale bold", () => {
  const table = tableOf(groupResults([
    result("a_b", 4, null, { "PSNR Y": 28.4, LPIPS: null }),
    result("a_b", 4, "edsr_light", { "PSNR Y": 29.123, LPIPS: 0.25 }),
  ]));
  assert.equal(
    imageMarkdown(table),
    `
| pictures | scale | enlarged by | PSNR Y | gain | LPIPS |
| --- | --- | --- | --: | --: | --: |
| a\\_b | x4 | bicubic | 28.40 | – | – |
| **a\\_b** | **x4** | **edsr\\_light** | **29.12** | **+0.72** | **0.2500** |
`.trimStart(),
  );
});

Deno.test("a sentence for each set and scale says which is best", () => {
  assert.deepEqual(groupResults(ALL).map(headline), [
    "set5 at ×2: bicubic alone was measured.",
    "set5 at ×4: swinir is 1.58 dB above bicubic.",
    "kodak at ×2: no network is better than bicubic; longer training may help.",
  ]);
  const equal = groupResults([result("a", 2, null, { "PSNR Y": null })]);
  assert.deepEqual(equal.map(headline), ["a at ×2: not measured."]);
});

Deno.test("nothing to compare, and one thing twice, are refused", () => {
  assert.throws(() => groupResults([]), {
    name: "InputError",
    message: "Cannot compare: no pictures have been measured",
  });
  assert.throws(() => groupResults([ALL[1], ALL[1]]), {
    name: "InputError",
    message: "Cannot compare: bicubic is there twice for set5 at x4",
  });
});
