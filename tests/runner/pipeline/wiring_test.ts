/**
 * References between stages, conditions, and what is said of wrong ones.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CONTRACT, mistakesIn, project } from "./project.ts";

/** Stages with inputs whose kinds depend on a param, and with inputs of a family of kinds. */
const TASKS = {
  "stages/datasets.ts": `${CONTRACT}
export default defineStage({
  summary: "Make one dataset of each task",
  params: z.strictObject({}),
  inputs: {},
  outputs: {
    boxes: artifact("detection_dataset"),
    masks: artifact("segmentation_dataset"),
    images: artifact("images"),
  },
  async run() {},
});`,
  "stages/learn.ts": `${CONTRACT}
export default defineStage({
  summary: "Learn a task",
  params: z.strictObject({ task: z.enum(["detection", "segmentation"]) }),
  inputs: { data: artifact("<task>_dataset"), more: optional(artifact(["<task>_dataset", "images"])) },
  outputs: { model: artifact("model") },
  async run() {},
});`,
  "stages/count.ts": `${CONTRACT}
export default defineStage({
  summary: "Count what is in datasets of any task",
  params: z.strictObject({}),
  inputs: { sets: many(artifact("*_dataset")) },
  outputs: { numbers: artifact("numbers") },
  async run() {},
});`,
};

Deno.test("an unknown stage in a reference suggests the nearest", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  lr: { uses: make_lr, inputs: { hr: picture.images } }
`);
  assert.equal(
    text,
    `
error: stage "lr" takes "picture.images", but there is no stage "picture"
  pipelines/test.yaml:3:38
  3 |   lr: { uses: make_lr, inputs: { hr: picture.images } }
    |                                      ^^^^^^^^^^^^^^ did you mean "pictures"?
  stages: pictures, lr
`.trimStart(),
  );
});

Deno.test("an unknown output suggests the nearest", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  lr: { uses: make_lr, inputs: { hr: pictures.image } }
`);
  assert.equal(
    text,
    `
error: stage "pictures" has no output "image"
  pipelines/test.yaml:3:38
  3 |   lr: { uses: make_lr, inputs: { hr: pictures.image } }
    |                                      ^^^^^^^^^^^^^^ did you mean "pictures.images"?
  "pictures" makes: images, labels
`.trimStart(),
  );
});

Deno.test("an unknown input suggests the nearest", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  lr: { uses: make_lr, inputs: { h: pictures.images, hr: pictures.images } }
`);
  assert.equal(
    text,
    `
error: stage "lr" has an unknown input "h"
  pipelines/test.yaml:3:34
  3 |   lr: { uses: make_lr, inputs: { h: pictures.images, hr: pictures.images } }
    |                                  ^ did you mean "hr"?
  make_lr takes the inputs: hr
`.trimStart(),
  );
});

Deno.test("a missing input names what fits", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  lr: { uses: make_lr }
`);
  assert.equal(
    text,
    `
error: stage "lr" needs the input "hr"
  pipelines/test.yaml:3:3
  3 |   lr: { uses: make_lr }
    |   ^^ expected images
  what fits: pictures.images
`.trimStart(),
  );
});

Deno.test("a wrong kind names both kinds and what fits", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  a: { uses: train, inputs: { images: pictures.labels, init: pictures.images } }
`);
  assert.equal(
    text,
    `
error: input "images" of stage "a" takes images or crops, but "pictures.labels" is labels
  pipelines/test.yaml:3:39
  3 |   a: { uses: train, inputs: { images: pictures.labels, init: pictures.images } }
    |                                       ^^^^^^^^^^^^^^^
  what fits: pictures.images

error: input "init" of stage "a" takes weights, but "pictures.images" is images
  pipelines/test.yaml:3:62
  3 |   a: { uses: train, inputs: { images: pictures.labels, init: pictures.images } }
    |                                                              ^^^^^^^^^^^^^^^
`.trimStart(),
  );
});

Deno.test("a reference has a stage and an output", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  lr: { uses: make_lr, inputs: { hr: pictures } }
  lr2: { uses: make_lr, inputs: { hr: what/ever is this } }
  lr3: { uses: make_lr, inputs: { hr: pictures.images | } }
`);
  assert.equal(
    text,
    `
error: cannot read the reference "pictures"
  pipelines/test.yaml:3:38
  3 |   lr: { uses: make_lr, inputs: { hr: pictures } }
    |                                      ^^^^^^^^ did you mean "pictures.images"?

error: cannot read the reference "what/ever is this"
  pipelines/test.yaml:4:39
  4 |   lr2: { uses: make_lr, inputs: { hr: what/ever is this } }
    |                                       ^^^^^^^^^^^^^^^^^ expected STAGE.OUTPUT

error: a reference is empty
  pipelines/test.yaml:5:39
  5 |   lr3: { uses: make_lr, inputs: { hr: pictures.images | } }
    |                                       ^^^^^^^^^^^^^^^^^ expected STAGE.OUTPUT
`.trimStart(),
  );
});

Deno.test("each alternative is checked", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  lr: { uses: make_lr, inputs: { hr: pictures.images | pictres.images | pictures.lables } }
`);
  assert.equal(
    text,
    `
error: stage "lr" takes "pictres.images", but there is no stage "pictres"
  pipelines/test.yaml:3:56
  3 |   lr: { uses: make_lr, inputs: { hr: pictures.images | pictres.images | pictures.lables } }
    |                                                        ^^^^^^^^^^^^^^ did you mean "pictures"?
  stages: pictures, lr

error: stage "pictures" has no output "lables"
  pipelines/test.yaml:3:73
  3 |   lr: { uses: make_lr, inputs: { hr: pictures.images | pictres.images | pictures.lables } }
    |                                                                         ^^^^^^^^^^^^^^^ did you mean "pictures.labels"?
  "pictures" makes: images, labels
`.trimStart(),
  );
});

Deno.test("a required input whose stages are left out is not connected", async () => {
  const text = await mistakesIn(`
params: { source: embedded }
stages:
  pictures: { uses: source, when: "\${params.source} == folder" }
  others: { uses: source, when: false }
  lr: { uses: make_lr, inputs: { hr: pictures.images | others.images } }
`);
  assert.equal(
    text,
    `
error: input "hr" of stage "lr" is not connected
  pipelines/test.yaml:5:38
  5 |   lr: { uses: make_lr, inputs: { hr: pictures.images | others.images } }
    |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ left out with these params: pictures.images, others.images
`.trimStart(),
  );
});

Deno.test("a matrix fits only an input that takes many", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source, matrix: { n: [1, 2] } }
  lr: { uses: make_lr, inputs: { hr: pictures.images } }
  lr2: { uses: make_lr, inputs: { hr: [pictures/1.images] } }
`);
  assert.equal(
    text,
    `
error: input "hr" of stage "lr" takes one artifact, but "pictures" is a matrix
  pipelines/test.yaml:3:38
  3 |   lr: { uses: make_lr, inputs: { hr: pictures.images } }
    |                                      ^^^^^^^^^^^^^^^ name one: "pictures/1.images"

error: input "hr" of stage "lr2" takes one artifact, not a list
  pipelines/test.yaml:4:39
  4 |   lr2: { uses: make_lr, inputs: { hr: [pictures/1.images] } }
    |                                       ^^^^^^^^^^^^^^^^^^^ write "a.x | b.y" for the first that is there
`.trimStart(),
  );
});

Deno.test("an unknown cell suggests the nearest", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source, matrix: { n: [one, two] } }
  lr: { uses: make_lr, inputs: { hr: pictures/tow.images } }
  lr2: { uses: make_lr, inputs: { hr: lr/x.lr } }
`);
  assert.equal(
    text,
    `
error: stage "lr" takes "pictures/tow.images", but there is no "pictures/tow"
  pipelines/test.yaml:3:38
  3 |   lr: { uses: make_lr, inputs: { hr: pictures/tow.images } }
    |                                      ^^^^^^^^^^^^^^^^^^^ did you mean "pictures/two"?
  "pictures" has: pictures/one, pictures/two

error: stage "lr2" takes "lr/x.lr", but there is no "lr/x"
  pipelines/test.yaml:4:39
  4 |   lr2: { uses: make_lr, inputs: { hr: lr/x.lr } }
    |                                       ^^^^^^^
  "lr" has no matrix
`.trimStart(),
  );
});

Deno.test("one stage gives one artifact to an input", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  a: { uses: train, inputs: { images: pictures.images } }
  b: { uses: compare, inputs: { all: [a.weights, a.weights] } }
`);
  assert.equal(
    text,
    `
error: input "all" of stage "b" takes two artifacts of "a"
  pipelines/test.yaml:4:38
  4 |   b: { uses: compare, inputs: { all: [a.weights, a.weights] } }
    |                                      ^^^^^^^^^^^^^^^^^^^^^^ it is given one folder for each stage
`.trimStart(),
  );
});

Deno.test("stages that need one another are shown as a circle", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  a: { uses: train, inputs: { images: pictures.images, init: c.weights } }
  b: { uses: train, inputs: { images: pictures.images, init: a.weights } }
  c: { uses: train, inputs: { images: pictures.images, init: b.weights } }
  d: { uses: train, inputs: { images: pictures.images, init: c.weights } }
`);
  assert.equal(
    text,
    `
error: stages need one another: a, c, b
  pipelines/test.yaml:3:62
  3 |   a: { uses: train, inputs: { images: pictures.images, init: c.weights } }
    |                                                              ^^^^^^^^^
  a takes c.weights
  c takes b.weights
  b takes a.weights
`.trimStart(),
  );
});

Deno.test("a stage that needs itself", async () => {
  const text = await mistakesIn(`
stages:
  a: { uses: make_lr, inputs: { hr: a.lr } }
`);
  assert.equal(
    text,
    `
error: stage "a" needs its own output
  pipelines/test.yaml:2:37
  2 |   a: { uses: make_lr, inputs: { hr: a.lr } }
    |                                     ^^^^
`.trimStart(),
  );
});

Deno.test("a pipeline in which no stage is left", async () => {
  const text = await mistakesIn(`
stages:
  a: { uses: source, when: false }
`);
  assert.equal(
    text,
    `
error: no stage of pipelines/test.yaml is in the pipeline
  pipelines/test.yaml:1:1
  1 | stages:
    | ^^^^^^ every "when" is false with these params
`.trimStart(),
  );
});

Deno.test("conditions are read with their mistakes", async () => {
  const text = await mistakesIn(`
params: { a: 1 }
stages:
  a: { uses: source, when: "\${params.a} = 1" }
  b: { uses: source, when: "\${params.a} ==" }
  c: { uses: source, when: "(\${params.a}" }
  d: { uses: source, when: "\${params.b} == 1" }
  e: { uses: source, when: "a b" }
`);
  assert.equal(
    text,
    `
error: cannot read the condition
  pipelines/test.yaml:3:41
  3 |   a: { uses: source, when: "\${params.a} = 1" }
    |                                         ^ expected e.g. \${params.NAME} == word, joined by && or ||

error: the condition is not complete
  pipelines/test.yaml:4:28
  4 |   b: { uses: source, when: "\${params.a} ==" }
    |                            ^^^^^^^^^^^^^^^^ expected e.g. \${params.NAME} == word, joined by && or ||

error: the condition is not complete
  pipelines/test.yaml:5:28
  5 |   c: { uses: source, when: "(\${params.a}" }
    |                            ^^^^^^^^^^^^^^ expected e.g. \${params.NAME} == word, joined by && or ||

error: there is no param "b"
  pipelines/test.yaml:6:29
  6 |   d: { uses: source, when: "\${params.b} == 1" }
    |                             ^^^^^^^^^^^
  params has: a

error: cannot read the condition
  pipelines/test.yaml:7:31
  7 |   e: { uses: source, when: "a b" }
    |                               ^ expected e.g. \${params.NAME} == word, joined by && or ||
`.trimStart(),
  );
});
Deno.test("an input takes the first alternative that is there; an optional one may have none", async () => {
  await using dir = await project(`
stages:
  one: { uses: source, when: false }
  two: { uses: source, matrix: { n: [1, 2] }, when: "\${matrix.n} == 2" }
  three: { uses: source, resources: { cpu: 2 } }
  a: { uses: train, inputs: { images: one.images | two/1.images | two/2.images | three.images } }
  b: { uses: train, inputs: { images: three.images, init: gone.weights | gone2/x.weights } }
  gone: { uses: train, inputs: { images: one.images }, when: false }
  gone2: { uses: train, inputs: { images: one.images }, when: false, matrix: { n: [x] } }
`);
  const stages = Object.fromEntries((await dir.load()).stages.map((one) => [one.id, one.inputs]));
  assert.deepEqual(stages, {
    "two/2": {},
    three: {},
    a: { images: [{ id: "two/2", output: "images" }] },
    b: { images: [{ id: "three", output: "images" }] },
  });
});

Deno.test("an input of many takes a matrix, a list, and leaves out what is not there", async () => {
  await using dir = await project(`
stages:
  pictures: { uses: source }
  a:
    uses: train
    matrix: { n: [0.5, 1, x.y] }
    when: \${matrix.n} != 1
    with: { note: "n = \${matrix.n}" }
    inputs: { images: pictures.images }
  b: { uses: train, inputs: { images: pictures.images } }
  all: { uses: compare, inputs: { all: a.weights } }
  some: { uses: compare, inputs: { all: [b.weights, a/x.y.weights, a/1.weights | a/0.5.weights] } }
`);
  const stages = Object.fromEntries((await dir.load()).stages.map((one) => [one.id, one.inputs]));
  assert.deepEqual(stages.all.all.map(({ id }) => id), ["a/0.5", "a/x.y"]);
  assert.deepEqual(stages.some.all.map(({ id }) => id), ["b", "a/x.y", "a/0.5"]);
});

Deno.test("an input may take the kind that a param says, or all kinds of a family", async () => {
  await using dir = await project({
    ...TASKS,
    "pipelines/test.yaml": `
stages:
  data: { uses: datasets }
  learn:
    uses: learn
    matrix: { task: [detection, segmentation] }
    with: { task: "\${matrix.task}" }
    inputs: { data: "data.\${params.outputs[matrix.task]}", more: data.images }
  count: { uses: count, inputs: { sets: data.boxes } }
params: { outputs: { detection: boxes, segmentation: masks } }
`,
  });
  const stages = Object.fromEntries(
    (await dir.load()).stages.map(({ id, inputs }) => [id, inputs]),
  );
  assert.deepEqual(stages, {
    data: {},
    "learn/detection": {
      data: [{ id: "data", output: "boxes" }],
      more: [{ id: "data", output: "images" }],
    },
    "learn/segmentation": {
      data: [{ id: "data", output: "masks" }],
      more: [{ id: "data", output: "images" }],
    },
    count: { sets: [{ id: "data", output: "boxes" }] },
  });
});

Deno.test("a kind that does not fit the param is told with the kind that does", async () => {
  const text = await mistakesIn({
    ...TASKS,
    "pipelines/test.yaml": `
stages:
  data: { uses: datasets }
  a: { uses: learn, with: { task: detection }, inputs: { data: data.masks } }
  b: { uses: learn, with: { task: segmentation }, inputs: { data: data.masks, more: data.boxes } }
  c: { uses: learn, with: { task: segmentation } }
  d: { uses: count, inputs: { sets: data.images } }
`,
  });
  assert.equal(
    text,
    `
error: input "data" of stage "a" takes detection_dataset, but "data.masks" is segmentation_dataset
  pipelines/test.yaml:3:64
  3 |   a: { uses: learn, with: { task: detection }, inputs: { data: data.masks } }
    |                                                                ^^^^^^^^^^
  what fits: data.boxes

error: input "more" of stage "b" takes segmentation_dataset or images, but "data.boxes" is detection_dataset
  pipelines/test.yaml:4:85
  4 |   b: { uses: learn, with: { task: segmentation }, inputs: { data: data.masks, more: data.boxes } }
    |                                                                                     ^^^^^^^^^^
  what fits: data.masks, data.images

error: stage "c" needs the input "data"
  pipelines/test.yaml:5:3
  5 |   c: { uses: learn, with: { task: segmentation } }
    |   ^ expected segmentation_dataset
  what fits: data.masks

error: input "sets" of stage "d" takes *_dataset, but "data.images" is images
  pipelines/test.yaml:6:37
  6 |   d: { uses: count, inputs: { sets: data.images } }
    |                                     ^^^^^^^^^^^
  what fits: data.boxes, data.masks
`.trimStart(),
  );
});

Deno.test("while its params are wrong, an input takes any kind that a param could say", async () => {
  const text = await mistakesIn({
    ...TASKS,
    "pipelines/test.yaml": `
stages:
  data: { uses: datasets }
  a: { uses: learn, with: { task: detecton }, inputs: { data: data.masks } }
  b: { uses: learn, with: { tsk: detection }, inputs: { data: data.images } }
`,
  });
  assert.equal(
    text,
    `
error: parameter "task" of stage "a" must be "detection" or "segmentation"
  pipelines/test.yaml:3:35
  3 |   a: { uses: learn, with: { task: detecton }, inputs: { data: data.masks } }
    |                                   ^^^^^^^^ did you mean "detection"?

error: stage "b" needs the parameter "task"
  pipelines/test.yaml:4:21
  4 |   b: { uses: learn, with: { tsk: detection }, inputs: { data: data.images } }
    |                     ^^^^ expected "detection" or "segmentation"

error: stage "b" has an unknown parameter "tsk"
  pipelines/test.yaml:4:29
  4 |   b: { uses: learn, with: { tsk: detection }, inputs: { data: data.images } }
    |                             ^^^ did you mean "task"?
  learn takes: task

error: input "data" of stage "b" takes *_dataset, but "data.images" is images
  pipelines/test.yaml:4:63
  4 |   b: { uses: learn, with: { tsk: detection }, inputs: { data: data.images } }
    |                                                               ^^^^^^^^^^^
  what fits: data.boxes, data.masks
`.trimStart(),
  );
});
