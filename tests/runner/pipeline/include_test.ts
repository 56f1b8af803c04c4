/**
 * Pipelines that include others.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Pipeline } from "../../../runner/pipeline/instance.ts";
import { mistakesIn, project } from "./project.ts";

const DET = `
params: { scale: 4, epochs: 3, options: {} }
profiles: { paper: { epochs: 30 } }
stages:
  pictures: { uses: source }
  lr: { uses: make_lr, with: { scale: "\${params.scale}" }, inputs: { hr: pictures.images } }
  train:
    uses: train
    matrix: { method: [h2t, l2t] }
    with: { method: "\${matrix.method}", epochs: "\${params.epochs}" }
    inputs: { images: lr.lr }
  compare: { uses: compare, inputs: { all: train.weights } }
`;

/** What tests look at: id → aliases, params, and where inputs come from. */
function outline({ stages }: Pipeline): Record<string, unknown> {
  return Object.fromEntries(stages.map(({ id, aliases, params, inputs }) => {
    const from = Object.values(inputs).flat().map((ref) =>
      `${ref.id}.${ref.output}${ref.as === undefined ? "" : ` as ${ref.as}`}`
    );
    return [id, { aliases, params, from }];
  }));
}

Deno.test("an included pipeline is as it is by itself, its ids behind the include's name", async () => {
  await using dir = await project({
    "pipelines/test.yaml": `
params: { scale: 8 }
include:
  det: { pipeline: shared/det.yaml, profile: paper, params: { scale: "\${params.scale}" } }
`,
    "pipelines/shared/det.yaml": DET,
  });
  const pipeline = await dir.load();
  assert.equal(pipeline.profile, "default");
  assert.deepEqual(pipeline.stages.map(({ name }) => name), [
    "det/pictures",
    "det/lr",
    "det/train",
    "det/train",
    "det/compare",
  ]);
  const train = { aliases: [], from: ["det/lr.lr"] };
  assert.deepEqual(outline(pipeline), {
    "det/pictures": { aliases: [], params: {}, from: [] },
    "det/lr": { aliases: [], params: { scale: 8 }, from: ["det/pictures.images"] },
    "det/train/h2t": { ...train, params: { method: "h2t", epochs: 30 } },
    "det/train/l2t": { ...train, params: { method: "l2t", epochs: 30 } },
    "det/compare": {
      aliases: [],
      params: {},
      // An input of many calls them what their own file calls them.
      from: ["det/train/h2t.weights as train/h2t", "det/train/l2t.weights as train/l2t"],
    },
  });
});

Deno.test("what two pipelines have in common is there once, and all that build on it meet", async () => {
  await using dir = await project({
    "pipelines/test.yaml": `
include:
  one: { pipeline: det.yaml }
  two: { pipeline: det.yaml, params: { epochs: 5 } }
  again: { pipeline: det.yaml }
`,
    "pipelines/det.yaml": DET,
  });
  const { stages } = await dir.load();
  assert.deepEqual(stages.map(({ id, aliases }) => [id, ...aliases]), [
    ["one/pictures", "two/pictures", "again/pictures"],
    ["one/lr", "two/lr", "again/lr"],
    ["one/train/h2t", "again/train/h2t"],
    ["one/train/l2t", "again/train/l2t"],
    ["one/compare", "again/compare"],
    ["two/train/h2t"],
    ["two/train/l2t"],
    ["two/compare"],
  ]);
  assert.deepEqual(stages[5].inputs, { images: [{ id: "one/lr", output: "lr" }] });
});

Deno.test("an included pipeline may include another; own stages read what is included", async () => {
  await using dir = await project({
    "pipelines/test.yaml": `
extends: shared/base.yaml
stages:
  all: { uses: compare, inputs: { all: [a/b/train.weights, own.weights] } }
`,
    // The path of an include is relative to the file that says it.
    "pipelines/shared/base.yaml": `
include: { a: { pipeline: middle.yaml } }
stages:
  own: { uses: train, inputs: { images: a/b/lr.lr }, with: { epochs: 7 } }
`,
    "pipelines/shared/middle.yaml": "include: { b: { pipeline: ../det.yaml } }\n",
    "pipelines/det.yaml": DET,
  });
  const { "a/b/compare": inner, own, all } = outline(
    await dir.load({ sets: ["a.b.scale=8", "a.b.options.new=1"] }),
  );
  assert.deepEqual([inner, own, all], [
    {
      aliases: [],
      params: {},
      from: ["a/b/train/h2t.weights as train/h2t", "a/b/train/l2t.weights as train/l2t"],
    },
    { aliases: [], params: { method: "h2t", epochs: 7 }, from: ["a/b/lr.lr"] },
    {
      aliases: [],
      params: {},
      from: ["a/b/train/h2t.weights", "a/b/train/l2t.weights", "own.weights"],
    },
  ]);
});

Deno.test("--set reaches an included pipeline and wins over what the include gives", async () => {
  await using dir = await project({
    "pipelines/test.yaml": `
params: { epochs: 4 }
include: { det: { pipeline: det.yaml, profile: null, params: { epochs: "\${params.epochs}" } } }
`,
    "pipelines/det.yaml": DET,
  });
  const epochs = async (...sets: string[]) => (await dir.load({ sets })).stages[2].params.epochs;
  assert.equal(await epochs(), 4);
  assert.equal(await epochs("epochs=5"), 5);
  assert.equal(await epochs("epochs=5", "det.epochs=6"), 6);
});

Deno.test("--set of an included pipeline tells its mistakes like any other", async () => {
  const files = {
    "pipelines/test.yaml": `
params: { seed: 1 }
include: { det: { pipeline: middle.yaml }, seg: { pipeline: middle.yaml } }
`,
    "pipelines/middle.yaml": "include: { inner: { pipeline: det.yaml } }\n",
    "pipelines/det.yaml": DET,
  };
  assert.equal(
    await mistakesIn(files, { sets: ["sed=2", "dte.inner.scale=3"] }),
    `
error: there is no param "sed"
  --set sed=2
        ^^^ did you mean "seed"?
  params has: seed
  includes: det, seg

error: there is no param "dte"
  --set dte.inner.scale=3
        ^^^ did you mean "det"?
  params has: seed
  includes: det, seg
`.trimStart(),
  );
  const sets = [
    "det=2",
    "det.iner.scale=8",
    "det.inner.scael=8",
    "det.inner.params.scale=8",
    "det.inner.scale=big",
    "det.inner.scale=[",
    "det.inner.scale.x=1",
    "seg.inner.scale=5",
  ];
  assert.equal(
    await mistakesIn(files, { sets }),
    `
error: "det" is an included pipeline, not a param
  --set det=2
        ^^^ expected det.NAME=VALUE
  includes: inner

error: there is no param "det.iner"
  --set det.iner.scale=8
            ^^^^ did you mean "inner"?
  includes: inner

error: parameter "scale" of stage "lr" must be 4 or 8
  --set seg.inner.scale=5
                        ^ found 5
`.trimStart(),
  );
  assert.equal(
    await mistakesIn(files, { sets: sets.slice(2) }),
    `
error: there is no param "det.inner.scael"
  --set det.inner.scael=8
                  ^^^^^ did you mean "scale"?
  "det.inner" has: scale, epochs, options

error: there is no param "det.inner.params"
  --set det.inner.params.scale=8
                  ^^^^^^ write "det.inner.scale"
  "det.inner" has: scale, epochs, options

error: the param "det.inner.scale" cannot become "big"
  --set det.inner.scale=big
                        ^^^ expected a number, as the default is 4

error: cannot read the value of "det.inner.scale" as YAML
  --set det.inner.scale=[
                        ^ put it in quotes if it is text

error: there is no param "det.inner.scale.x"
  --set det.inner.scale.x=1
                        ^
  "det.inner.scale" is 4: it has no parts

error: parameter "scale" of stage "lr" must be 4 or 8
  --set seg.inner.scale=5
                        ^ found 5
`.trimStart(),
  );
});

Deno.test("params of an include are checked like a profile, and shown where they are written", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
params: { size: 5 }
include:
  a: { pipeline: det.yaml, params: { scael: 8, epochs: many } }
  b: { pipeline: det.yaml, params: { scale: 5, options: { any: 1 } } }
  c: { pipeline: det.yaml, params: { scale: "\${params.size}" } }
  d: { pipeline: det.yaml, profile: papr }
  e: { pipeline: det.yaml, params: { scale: "\${params.sise}", epochs: "\${matrix.x}" } }
`,
    "pipelines/det.yaml": DET,
  });
  assert.equal(
    text,
    `
error: parameter "scale" of stage "lr" must be 4 or 8
  pipelines/test.yaml:1:17
  1 | params: { size: 5 }
    |                 ^ found 5

error: include "a" sets the unknown param "scael"
  pipelines/test.yaml:3:38
  3 |   a: { pipeline: det.yaml, params: { scael: 8, epochs: many } }
    |                                      ^^^^^ did you mean "scale"?
  params has: scale, epochs, options

error: include "a" sets the param "epochs" to another type
  pipelines/test.yaml:3:56
  3 |   a: { pipeline: det.yaml, params: { scael: 8, epochs: many } }
    |                                                        ^^^^ expected a number, found "many"

error: parameter "scale" of stage "lr" must be 4 or 8
  pipelines/test.yaml:4:45
  4 |   b: { pipeline: det.yaml, params: { scale: 5, options: { any: 1 } } }
    |                                             ^ found 5

error: there is no profile "papr"
  pipelines/test.yaml:6:37
  6 |   d: { pipeline: det.yaml, profile: papr }
    |                                     ^^^^ did you mean "paper"?
  pipelines/det.yaml has the profiles: default, paper

error: there is no param "sise"
  pipelines/test.yaml:7:46
  7 |   e: { pipeline: det.yaml, params: { scale: "\${params.sise}", epochs: "\${matrix.x}" } }
    |                                              ^^^^^^^^^^^^^^ did you mean "params.size"?
  params has: size

error: cannot resolve "matrix.x"
  pipelines/test.yaml:7:72
  7 |   e: { pipeline: det.yaml, params: { scale: "\${params.sise}", epochs: "\${matrix.x}" } }
    |                                                                        ^^^^^^^^^^^ expected params.NAME
`.trimStart(),
  );
});

Deno.test("mistakes in included files are shown there, once, with those of the including file", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
include:
  a: { pipeline: wrong.yaml }
  b: { pipeline: wrong.yaml }
  c: { pipeline: broken.yaml }
  d: { pipeline: det_coco.yml }
  e: { pipeline: empty.yaml }
  f: { pipeline: nothing.yaml }
stages:
  own: { uses: source, with: { pth: x } }
  sees: { uses: compare, inputs: { all: a/train.weights } }
`,
    "pipelines/wrong.yaml": `
params: { scale: 4, path: null }
stages:
  pictures: { uses: source, with: { path: "\${params.path}" } }
  lr: { uses: make_lr, with: { scal: 4 }, inputs: { hr: pictures.images } }
  must: { uses: train, with: { epochs: "\${params.path}" }, inputs: { images: pictures.images } }
`,
    "pipelines/broken.yaml": "stages: {\n",
    "pipelines/det_coco.yaml": DET,
    "pipelines/empty.yaml": "",
    "pipelines/nothing.yaml": "params: {}\n",
  });
  assert.equal(
    text,
    `
error: parameter "epochs" of stage "must" must be a number
  pipelines/wrong.yaml:1:27
  1 | params: { scale: 4, path: null }
    |                           ^^^^ found null
  give it with --set a.path=VALUE

error: stage "lr" has an unknown parameter "scal"
  pipelines/wrong.yaml:4:32
  4 |   lr: { uses: make_lr, with: { scal: 4 }, inputs: { hr: pictures.images } }
    |                                ^^^^ did you mean "scale"?
  make_lr takes: scale

error: this { is not closed
  pipelines/broken.yaml:1:9
  1 | stages: {
    |         ^ expected }

error: there is no file "pipelines/det_coco.yml"
  pipelines/test.yaml:5:18
  5 |   d: { pipeline: det_coco.yml }
    |                  ^^^^^^^^^^^^ did you mean "det_coco.yaml"?
  there are: broken.yaml, det_coco.yaml, empty.yaml, nothing.yaml, test.yaml, wrong.yaml

error: pipelines/empty.yaml is empty
  pipelines/test.yaml:6:18
  6 |   e: { pipeline: empty.yaml }
    |                  ^^^^^^^^^^
  a pipeline file has at least: stages: { NAME: { uses: STAGE } }

error: pipelines/nothing.yaml has no stages
  pipelines/test.yaml:7:18
  7 |   f: { pipeline: nothing.yaml }
    |                  ^^^^^^^^^^^^ expected stages: { NAME: { uses: STAGE } }

error: stage "own" has an unknown parameter "pth"
  pipelines/test.yaml:9:32
  9 |   own: { uses: source, with: { pth: x } }
    |                                ^^^ did you mean "path"?
  source takes: path
`.trimStart(),
  );
});

Deno.test("files that include each other", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": "include: { a: { pipeline: a.yaml } }\n",
    "pipelines/a.yaml": `
include:
  b: { pipeline: ../pipelines/b.yaml }
`,
    "pipelines/b.yaml": `
extends: base.yaml
stages: { pictures: { uses: source } }
`,
    "pipelines/base.yaml": `
include: { a: { pipeline: a.yaml } }
`,
  });
  assert.equal(
    text,
    `
error: pipelines/a.yaml includes itself
  pipelines/base.yaml:1:27
  1 | include: { a: { pipeline: a.yaml } }
    |                           ^^^^^^
  pipelines/a.yaml → pipelines/b.yaml → pipelines/a.yaml
`.trimStart(),
  );
});

Deno.test("includes that double at every level are refused", async () => {
  const levels = Array.from({ length: 8 }, (_, i) => [
    `pipelines/${i === 0 ? "test" : i}.yaml`,
    `include: { a: { pipeline: ${i + 1}.yaml }, b: { pipeline: ${i + 1}.yaml } }\n`,
  ]);
  const text = await mistakesIn({
    ...Object.fromEntries(levels),
    "pipelines/8.yaml": DET,
  });
  assert.match(
    text,
    /^error: the pipeline includes more than 100 files\n {2}pipelines\/\d\.yaml:1:/,
  );
});

Deno.test("an include that is no mapping, or has an unknown key", async () => {
  const text = await mistakesIn(`
include:
  a: det.yaml
  b: { pipelin: det.yaml, profile: 3 }
  c d: { pipeline: det.yaml }
stages: { x: { uses: source } }
`);
  assert.equal(
    text,
    `
error: include "a" must be a mapping such as { pipeline: FILE }
  pipelines/test.yaml:2:6
  2 |   a: det.yaml
    |      ^^^^^^^^ found "det.yaml"

error: include "b" has an unknown key "pipelin"
  pipelines/test.yaml:3:8
  3 |   b: { pipelin: det.yaml, profile: 3 }
    |        ^^^^^^^ did you mean "pipeline"?
  include "b" takes: pipeline, profile, params

error: "profile" of include "b" must be text
  pipelines/test.yaml:3:36
  3 |   b: { pipelin: det.yaml, profile: 3 }
    |                                    ^ found 3

error: the name "c d" must be letters, digits, _ and -, with a letter or _ first
  pipelines/test.yaml:4:3
  4 |   c d: { pipeline: det.yaml }
    |   ^^^ did you mean "c_d"?
`.trimStart(),
  );
});

Deno.test("an include names a file, and has a name that nothing else has", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
params: { n: 3, a: 1 }
include:
  a: { pipeline: det.yaml }
  b: { pipeline: det.yaml }
  c: { profile: paper }
  d: { pipeline: "\${params.n}", profile: "\${params.n}" }
stages:
  b: { uses: source }
`,
    "pipelines/det.yaml": DET,
  });
  assert.equal(
    text,
    `
error: "pipeline" of include "d" must be text
  pipelines/test.yaml:1:14
  1 | params: { n: 3, a: 1 }
    |              ^ found 3

error: "profile" of include "d" must be text
  pipelines/test.yaml:1:14
  1 | params: { n: 3, a: 1 }
    |              ^ found 3

error: include "a" has the name of a param
  pipelines/test.yaml:3:3
  3 |   a: { pipeline: det.yaml }
    |   ^ choose another

error: include "b" has the name of a stage
  pipelines/test.yaml:4:3
  4 |   b: { pipeline: det.yaml }
    |   ^ choose another

error: include "c" does not say which pipeline
  pipelines/test.yaml:5:3
  5 |   c: { profile: paper }
    |   ^ expected pipeline: FILE
`.trimStart(),
  );
});

Deno.test("references into an included pipeline suggest the nearest", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
include: { det: { pipeline: det.yaml } }
stages:
  a: { uses: compare, inputs: { all: det/trian.weights } }
  b: { uses: compare, inputs: { all: det/train/l2.weights } }
  c: { uses: compare, inputs: { all: dett/train.weights } }
  d: { uses: compare, inputs: { all: det/lr.weights } }
  e: { uses: make_lr, inputs: { hr: det/train/l2t.weights } }
`,
    "pipelines/det.yaml": DET,
  });
  assert.equal(
    text,
    `
error: stage "a" takes "det/trian.weights", but there is no stage "det/trian"
  pipelines/test.yaml:3:38
  3 |   a: { uses: compare, inputs: { all: det/trian.weights } }
    |                                      ^^^^^^^^^^^^^^^^^ did you mean "det/train"?
  "det" has: det/pictures, det/lr, det/train, det/compare

error: stage "b" takes "det/train/l2.weights", but there is no "det/train/l2"
  pipelines/test.yaml:4:38
  4 |   b: { uses: compare, inputs: { all: det/train/l2.weights } }
    |                                      ^^^^^^^^^^^^^^^^^^^^ did you mean "det/train/l2t"?
  "det/train" has: det/train/h2t, det/train/l2t

error: stage "c" takes "dett/train.weights", but there is no stage "dett"
  pipelines/test.yaml:5:38
  5 |   c: { uses: compare, inputs: { all: dett/train.weights } }
    |                                      ^^^^^^^^^^^^^^^^^^ did you mean "det/train"?
  stages: a, b, c, d, e

error: stage "det/lr" has no output "weights"
  pipelines/test.yaml:6:38
  6 |   d: { uses: compare, inputs: { all: det/lr.weights } }
    |                                      ^^^^^^^^^^^^^^
  "det/lr" makes: lr

error: input "hr" of stage "e" takes images, but "det/train/l2t.weights" is weights
  pipelines/test.yaml:7:37
  7 |   e: { uses: make_lr, inputs: { hr: det/train/l2t.weights } }
    |                                     ^^^^^^^^^^^^^^^^^^^^^
  what fits: det/pictures.images, det/lr.lr
`.trimStart(),
  );
});

Deno.test("--profile is the including file's own", async () => {
  const files = {
    "pipelines/test.yaml": `
params: { epochs: 1 }
profiles: { long: { epochs: 9 } }
include: { det: { pipeline: det.yaml, params: { epochs: "\${params.epochs}" } } }
`,
    "pipelines/det.yaml": DET,
  };
  await using dir = await project(files);
  const { profile, stages } = await dir.load({ profile: "long" });
  assert.deepEqual([profile, stages[2].params.epochs], ["long", 9]);
  assert.equal(
    await dir.mistakes({ profile: "paper" }),
    `
error: there is no profile "paper"
  --profile paper
            ^^^^^
  pipelines/test.yaml has the profiles: default, long
`.trimStart(),
  );
});
