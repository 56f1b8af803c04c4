/**
 * Whatever a file says, the answer is a pipeline or mistakes with places.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../../../runner/diagnostic.ts";
import { type Project, project } from "./project.ts";

const BASE = `
params: { scale: 4, data: { source: embedded, path: null }, list: [1, 2] }
profiles: { paper: { scale: 8 } }
stages:
  pictures: { uses: source, when: "\${params.data.source} == embedded" }
  lr:
    uses: make_lr
    with: &w { scale: "\${params.scale}" }
    inputs: { hr: pictures.images | other.images }
  other: { uses: source, with: { path: "\${params.data.path}" }, when: false }
  train:
    uses: train
    matrix: { method: [h2t, l2t], exclude: [{ method: l2t }] }
    with: { method: "\${matrix.method}", network: edsr, network_options: { blocks: 2 } }
    inputs: { images: lr.lr }
    resources: { cpu: 2, memory: 2GiB }
    timeout: 30m
    retries: 1
  all: { uses: compare, inputs: { all: [train.weights] } }
`;

/** Pieces that mean something in YAML or in a pipeline file. */
const PIECES = [
  ..."{}[]:,-#&*!|>'\"%@`~?$\n\t .\0\u00e9\ud83d",
  "\n  ",
  ": ",
  "- ",
  "${",
  "${params.",
  "${matrix.method}",
  "${params.data[matrix.method]}",
  "[",
  "}",
  "*w",
  "<<: *w",
  "---\n",
  "null",
  "true",
  "1e999",
  "train",
  "stages:",
  "__proto__",
  "constructor",
  "toString",
];

const edits = fc.array(
  fc.record({
    at: fc.nat(BASE.length),
    remove: fc.nat(12),
    insert: fc.constantFrom("", ...PIECES),
  }),
  { minLength: 1, maxLength: 3 },
);

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      "${params.a}",
      "${matrix.a}",
      "${params.a[matrix.a]}",
      "test.yaml",
      "a.images",
      "source",
      "train",
      "a/1.b",
      "",
      "a == b",
    ),
    fc.constantFrom(null, true, 0, 1, -1, 1.5, "text"),
    fc.array(tie("any"), { maxLength: 3 }),
    tie("mapping"),
  ),
  mapping: fc.dictionary(
    fc.constantFrom(
      "a",
      "b",
      "uses",
      "with",
      "inputs",
      "matrix",
      "when",
      "resources",
      "include",
      "exclude",
      "pipeline",
      "params",
    ),
    tie("any"),
    { maxKeys: 4 },
  ),
}));

async function answers(dir: Project, text: string): Promise<void> {
  await Deno.writeTextFile(`${dir.root}/pipelines/test.yaml`, text);
  try {
    await dir.load();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const lines = text.split("\n").length;
    for (const { message, place } of error.diagnostics) {
      assert.ok(message.length > 0);
      if (place) assert.ok(place.line >= 1 && place.line <= lines && place.column >= 1);
    }
  }
}

Deno.test("an edited file loads, or its mistakes are shown", async () => {
  await using dir = await project(BASE);
  await fc.assert(
    fc.asyncProperty(edits, async (list) => {
      let text = BASE;
      for (const { at, remove, insert } of list) {
        text = text.slice(0, at) + insert + text.slice(at + remove);
      }
      await answers(dir, text);
    }),
    { numRuns: 150 },
  );
});

Deno.test("any values in any section load, or their mistakes are shown", async () => {
  await using dir = await project(BASE);
  const file = fc.record(
    {
      params: value.mapping,
      profiles: value.mapping,
      include: fc.dictionary(fc.constantFrom("a", "x", "y"), value.any),
      stages: fc.dictionary(fc.constantFrom("a", "b", "c"), value.any),
    },
    { requiredKeys: ["stages"] },
  );
  await fc.assert(
    fc.asyncProperty(file, async (content) => await answers(dir, JSON.stringify(content))),
    { numRuns: 150 },
  );
});
