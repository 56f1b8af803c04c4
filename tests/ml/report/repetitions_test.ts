import assert from "node:assert/strict";
import { XMLValidator } from "fast-xml-parser";
import { toMarkdown } from "../../../ml/report/comparison.ts";
import { readEvaluation } from "../../../ml/report/evaluation_folder.ts";
import { lead, renderRepeatedPage } from "../../../ml/report/repeated_page.ts";
import { repeat, repeatedTable, seedsOf } from "../../../ml/report/repetitions.ts";
import { testFolder } from "../../helpers/folder.ts";
import { metricsOf, writeSome } from "./evaluations.ts";

type Setting = Parameters<typeof metricsOf>[0];

/** One setting with seeds 1, 2, …; a variant is part of its label. */
function seeds(setting: Setting, label: string, AP: number[], variant: string | null = null) {
  return AP.map((value, i) => ({
    ...metricsOf(setting, variant === null ? label : `${label}, ${variant}`, {
      AP: value,
      PSNR: setting === "h2t" ? null : 20 + i,
    }),
    variant,
    seed: i + 1,
  }));
}

const ALL = [
  ...seeds("h2t", "H→T", [74, 75, 76]),
  ...seeds("sr4ir", "SR4IR", [36, 37, 38]),
  ...seeds("sr4ir", "SR4IR", [36, 37.4, 37.6], "without TDP"),
  ...seeds("label_free_t", "label-free S, T after†", [54, 52, 56]),
];

Deno.test("the table gives mean and spread over seeds, and which differences are beyond chance", () => {
  assert.equal(
    toMarkdown({ ...repeatedTable(repeat(ALL), ["PSNR"]), best: [] }),
    `
| setting | AP | ± | from SR4IR | 95 % | beyond chance | PSNR |
| --- | --: | --: | --: | --: | --: | --: |
| H→T | 75.0 | 1.0 | +38.0 | +35.7 … +40.3 | yes | – |
| SR4IR | 37.0 | 1.0 | – | – | – | 21.00 |
| SR4IR, without TDP | 37.0 | 0.9 | 0.0 | −2.4 … +2.4 | no | 21.00 |
| label-free S, T after† | 54.0 | 2.0 | +17.0 | +11.4 … +22.6 | yes | 21.00 |
`.trimStart(),
  );
  assert.equal(repeatedTable(repeat(ALL), []).title, "AP by setting, mean of seeds 1, 2, 3");
});

Deno.test("a sentence names the differences that are beyond chance", () => {
  assert.equal(
    lead(repeat(ALL)),
    "Larger than chance explains is the difference from SR4IR in AP of " +
      "label-free S, T after† (+17.0). Of the other it is not.",
  );
  assert.equal(
    lead(repeat(ALL.slice(0, 9))),
    "No difference from SR4IR in AP is larger than chance explains.",
  );
});

Deno.test("a single seed claims nothing", () => {
  const rows = repeat(ALL.filter(({ seed }) => seed === 1));
  assert.deepEqual(repeatedTable(rows, []).rows.at(-1), [
    ...["label-free S, T after†", 54, null, "+18.0", null, null],
  ]);
  assert.match(lead(rows), /^A single seed tells nothing of chance/);
  assert.equal(seedsOf(rows), "seed 1");
});

Deno.test("without SR4IR as published there is nothing to compare with", () => {
  const rows = repeat(
    ALL.filter(({ setting, variant }) => setting !== "sr4ir" || variant !== null),
  );
  assert.ok(rows.every(({ difference }) => difference === undefined));
  assert.equal(lead(rows), "There is no SR4IR, as published, to compare with.");
});

Deno.test("the same training twice is refused: it would look like agreement", () => {
  assert.throws(() => repeat([...ALL, ALL[3]]), {
    name: "InputError",
    message: 'Cannot average "SR4IR": it is there twice with seed 1; expected one training for ' +
      "each seed, and a variant that names what else differs",
  });
});

Deno.test("a metric that no setting has is named, with those there are", () => {
  assert.throws(() => repeatedTable(repeat(ALL), ["AP90"]), {
    message: 'Cannot show the metric "AP90": no setting has it; there are AP, PSNR',
  });
});

Deno.test("the page is well-formed, has every seed, and says what is not of the paper", async () => {
  using dir = testFolder();
  const folders = ALL.map((_, i) => `${dir.path}/${i}`);
  for (const [i, folder] of folders.entries()) await writeSome(folder, ALL[i]);
  const all = await Promise.all(folders.map(readEvaluation));
  const rows = repeat(all.map(({ metrics }) => metrics));
  const text = await renderRepeatedPage("t", repeatedTable(rows, []), rows, all);
  const xml = text.replace("<!doctype html>", "").replace(/<(meta [^>]*)>/g, "<$1/>");
  assert.equal(XMLValidator.validate(xml), true);
  assert.match(text, /† goes beyond the paper/);
  assert.match(text, /<h2>AP of each seed<\/h2>/);
  assert.match(text, /seed 3<\/th>/);
  const kinds = [...text.matchAll(/<tr class="(\w+)"><th scope="row">([^<]*)</g)];
  assert.deepEqual(kinds.map(([, kind, label]) => [label, kind]), [
    ["H→T", "limit"],
    ["SR4IR", "best"],
    ["SR4IR, without TDP", "plain"],
    ["label-free S, T after†", "plain"],
  ]);
});

Deno.test("a page without a dagger does not explain one", async () => {
  const rows = repeat(ALL.slice(0, 9));
  const metrics = rows.map(({ first }) => first);
  const all = metrics.map((one) => ({ folder: "", metrics: one, curves: {}, pictures: [] }));
  const text = await renderRepeatedPage("t", repeatedTable(rows, []), rows, all);
  assert.doesNotMatch(text, /†/);
});
