/**
 * What is said of a file's own keys, and how files that extend others are merged.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mistakesIn, project } from "./project.ts";

Deno.test("an unknown key suggests the nearest", async () => {
  const text = await mistakesIn(`
stagess:
  a: { uses: source }
`);
  assert.equal(
    text,
    `
error: unknown key "stagess"
  pipelines/test.yaml:1:1
  1 | stagess:
    | ^^^^^^^ did you mean "stages"?
  a pipeline file takes: description, extends, params, profiles, include, slots, stages
`.trimStart(),
  );
});

Deno.test("an unknown key of a stage suggests the nearest", async () => {
  const text = await mistakesIn(`
stages:
  a: { uses: source, retrys: 2, input: {} }
`);
  assert.equal(
    text,
    `
error: stage "a" has an unknown key "retrys"
  pipelines/test.yaml:2:22
  2 |   a: { uses: source, retrys: 2, input: {} }
    |                      ^^^^^^ did you mean "retries"?
  stage "a" takes: description, uses, with, inputs, matrix, when, resources, timeout, grace, checkpoint_seconds, retries

error: stage "a" has an unknown key "input"
  pipelines/test.yaml:2:33
  2 |   a: { uses: source, retrys: 2, input: {} }
    |                                 ^^^^^ did you mean "inputs"?
  stage "a" takes: description, uses, with, inputs, matrix, when, resources, timeout, grace, checkpoint_seconds, retries
`.trimStart(),
  );
});

Deno.test("an unknown key of resources", async () => {
  const text = await mistakesIn(`
stages:
  a: { uses: source, resources: { cpus: 2 } }
`);
  assert.equal(
    text,
    `
error: "resources" of stage "a" has an unknown key "cpus"
  pipelines/test.yaml:2:35
  2 |   a: { uses: source, resources: { cpus: 2 } }
    |                                   ^^^^ did you mean "cpu"?
  "resources" of stage "a" takes: cpu, memory, gpu, slots, mutex
`.trimStart(),
  );
});

Deno.test("a stage must be a mapping", async () => {
  const text = await mistakesIn(`
stages:
  a: source
  b:
`);
  assert.equal(
    text,
    `
error: stage "a" must be a mapping
  pipelines/test.yaml:2:6
  2 |   a: source
    |      ^^^^^^ found "source"

error: stage "b" is empty
  pipelines/test.yaml:3:3
  3 |   b:
    |   ^ expected uses: STAGE
`.trimStart(),
  );
});

Deno.test("a stage says what it uses", async () => {
  const text = await mistakesIn(`
stages:
  a: { use: source }
`);
  assert.equal(
    text,
    `
error: stage "a" has an unknown key "use"
  pipelines/test.yaml:2:8
  2 |   a: { use: source }
    |        ^^^ did you mean "uses"?
  stage "a" takes: description, uses, with, inputs, matrix, when, resources, timeout, grace, checkpoint_seconds, retries
`.trimStart(),
  );
});

Deno.test("a stage without uses", async () => {
  const text = await mistakesIn(`
stages:
  a: { with: {} }
`);
  assert.equal(
    text,
    `
error: stage "a" does not say what it uses
  pipelines/test.yaml:2:3
  2 |   a: { with: {} }
    |   ^ expected uses: STAGE
`.trimStart(),
  );
});

Deno.test("names are words", async () => {
  const text = await mistakesIn(`
stages:
  my stage: { uses: source }
  1x: { uses: source }
params: { a.b: 1 }
`);
  assert.equal(
    text,
    `
error: the name "my stage" must be letters, digits, _ and -, with a letter or _ first
  pipelines/test.yaml:2:3
  2 |   my stage: { uses: source }
    |   ^^^^^^^^ did you mean "my_stage"?

error: the name "1x" must be letters, digits, _ and -, with a letter or _ first
  pipelines/test.yaml:3:3
  3 |   1x: { uses: source }
    |   ^^ did you mean "_1x"?

error: the name "a.b" must be letters, digits, _ and -, with a letter or _ first
  pipelines/test.yaml:4:11
  4 | params: { a.b: 1 }
    |           ^^^ did you mean "a_b"?
`.trimStart(),
  );
});

Deno.test("wrong types of a stage's settings", async () => {
  const text = await mistakesIn(`
stages:
  a:
    uses: 3
    with: [1]
    inputs: { x: 4 }
    when: 3
    resources: { cpu: 0.5, gpu: -1, memory: true }
    timeout: 30
    retries: many
    matrix: { n: 3, m: [[1]] }
`);
  assert.equal(
    text,
    `
error: "uses" of stage "a" must be text
  pipelines/test.yaml:3:11
  3 |     uses: 3
    |           ^ found 3

error: "with" of stage "a" must be a mapping of parameters
  pipelines/test.yaml:4:11
  4 |     with: [1]
    |           ^^^ found a list

error: "inputs.x" of stage "a" must be STAGE.OUTPUT, or a list of them
  pipelines/test.yaml:5:18
  5 |     inputs: { x: 4 }
    |                  ^ found 4

error: "when" of stage "a" must be a condition such as \${params.NAME} == word
  pipelines/test.yaml:6:11
  6 |     when: 3
    |           ^ found 3

error: "resources.cpu" of stage "a" must be a whole number from 1, or \${params.NAME}
  pipelines/test.yaml:7:23
  7 |     resources: { cpu: 0.5, gpu: -1, memory: true }
    |                       ^^^ found 0.5

error: "resources.gpu" of stage "a" must be a whole number from 0, or \${params.NAME}
  pipelines/test.yaml:7:33
  7 |     resources: { cpu: 0.5, gpu: -1, memory: true }
    |                                 ^^ found -1

error: "resources.memory" of stage "a" must be a size such as 2GiB, or a list of rising sizes
  pipelines/test.yaml:7:45
  7 |     resources: { cpu: 0.5, gpu: -1, memory: true }
    |                                             ^^^^ found true

error: "timeout" of stage "a" must be a time such as 90s, 30m, 12h or 2d
  pipelines/test.yaml:8:14
  8 |     timeout: 30
    |              ^^ found 30

error: "retries" of stage "a" must be a whole number from 0, or \${params.NAME}
  pipelines/test.yaml:9:14
  9 |     retries: many
    |              ^^^^ found "many"

error: "matrix.n" of stage "a" must be a list of values, or \${params.NAME}
  pipelines/test.yaml:10:18
  10 |     matrix: { n: 3, m: [[1]] }
     |                  ^ found 3

error: "matrix.m" of stage "a" must be a list of values, or \${params.NAME}
  pipelines/test.yaml:10:24
  10 |     matrix: { n: 3, m: [[1]] }
     |                        ^^^^^ found a list
`.trimStart(),
  );
});

Deno.test("sizes and times are checked after references are resolved", async () => {
  const text = await mistakesIn(`
params: { t: soon, n: 1.5 }
stages:
  a:
    uses: source
    resources: { memory: 2 gigs, cpu: "\${params.n}" }
    timeout: \${params.t}
    retries: \${params.n}
`);
  assert.equal(
    text,
    `
error: "timeout" of stage "a" must be a time such as 90s, 30m, 12h or 2d
  pipelines/test.yaml:1:14
  1 | params: { t: soon, n: 1.5 }
    |              ^^^^ found "soon"

error: "resources.cpu" of stage "a" must be a whole number from 1
  pipelines/test.yaml:1:23
  1 | params: { t: soon, n: 1.5 }
    |                       ^^^ found 1.5

error: "retries" of stage "a" must be a whole number from 0
  pipelines/test.yaml:1:23
  1 | params: { t: soon, n: 1.5 }
    |                       ^^^ found 1.5

error: "resources.memory" of stage "a" must be a size such as 2GiB, or a list of rising sizes
  pipelines/test.yaml:5:26
  5 |     resources: { memory: 2 gigs, cpu: "\${params.n}" }
    |                          ^^^^^^ found "2 gigs"
`.trimStart(),
  );
});

Deno.test("a file without stages", async () => {
  const text = await mistakesIn(`
params: { a: 1 }
`);
  assert.equal(
    text,
    `
error: pipelines/test.yaml has no stages
  expected stages: { NAME: { uses: STAGE } }
`.trimStart(),
  );
});

Deno.test("mistakes of a base file are shown in that file", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
extends: shared/base.yaml
`,
    "pipelines/shared/base.yaml": `
stages:
  a:
    uses: source
    with: { pth: x }
`,
  });
  assert.equal(
    text,
    `
error: stage "a" has an unknown parameter "pth"
  pipelines/shared/base.yaml:4:13
  4 |     with: { pth: x }
    |             ^^^ did you mean "path"?
  source takes: path
`.trimStart(),
  );
});

Deno.test("unknown keys of a base file are shown in that file", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
extends: [shared/base.yaml]
stages: { a: { us: b } }
`,
    "pipelines/shared/base.yaml": `
stages:
  a:
    ues: source
`,
  });
  assert.equal(
    text,
    `
error: stage "a" has an unknown key "us"
  pipelines/test.yaml:2:16
  2 | stages: { a: { us: b } }
    |                ^^ did you mean "uses"?
  stage "a" takes: description, uses, with, inputs, matrix, when, resources, timeout, grace, checkpoint_seconds, retries

error: stage "a" has an unknown key "ues"
  pipelines/shared/base.yaml:3:5
  3 |     ues: source
    |     ^^^ did you mean "uses"?
  stage "a" takes: description, uses, with, inputs, matrix, when, resources, timeout, grace, checkpoint_seconds, retries
`.trimStart(),
  );
});

Deno.test("a base that is missing is shown where it is named", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
extends: shared/bas.yaml
`,
    "pipelines/shared/base.yaml": `
stages:
  pictures: { uses: source }
`,
  });
  assert.equal(
    text,
    `
error: there is no file "pipelines/shared/bas.yaml"
  pipelines/test.yaml:1:10
  1 | extends: shared/bas.yaml
    |          ^^^^^^^^^^^^^^^ did you mean "shared/base.yaml"?
  there are: shared/base.yaml
`.trimStart(),
  );
});

Deno.test("a base that is missing in a list", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
extends:
  - shared/base.yaml
  - shared/more.yaml
`,
    "pipelines/shared/base.yaml": `
stages:
  pictures: { uses: source }
`,
  });
  assert.equal(
    text,
    `
error: there is no file "pipelines/shared/more.yaml"
  pipelines/test.yaml:3:5
  3 |   - shared/more.yaml
    |     ^^^^^^^^^^^^^^^^ did you mean "shared/base.yaml"?
  there are: shared/base.yaml
`.trimStart(),
  );
});

Deno.test("files that extend each other", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
extends: a.yaml
`,
    "pipelines/a.yaml": `
extends: b.yaml
`,
    "pipelines/b.yaml": `
extends:
  - a.yaml
stages:
  pictures: { uses: source }
`,
  });
  assert.equal(
    text,
    `
error: pipelines/a.yaml extends itself
  pipelines/b.yaml:2:5
  2 |   - a.yaml
    |     ^^^^^^
  pipelines/a.yaml → pipelines/b.yaml → pipelines/a.yaml
`.trimStart(),
  );
});

Deno.test("a syntax error in a base is shown there", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
extends: a.yaml
`,
    "pipelines/a.yaml": `
stages: {
`,
  });
  assert.equal(
    text,
    `
error: this { is not closed
  pipelines/a.yaml:1:9
  1 | stages: {
    |         ^ expected }
`.trimStart(),
  );
});

Deno.test("mistakes behind an anchor and a merge are shown where they are written", async () => {
  const text = await mistakesIn(`
stages:
  a: &a
    uses: make_lr
    with: &w
      scale: 5
  b:
    <<: *a
    inputs: { hr: c.images }
  c: { uses: source }
`);
  assert.equal(
    text,
    `
error: parameter "scale" of stage "a" must be 4 or 8
  pipelines/test.yaml:5:14
  5 |       scale: 5
    |              ^ found 5
  also in stage "b"
`.trimStart(),
  );
});
Deno.test("a file wins over what it extends, and later ones in a list over earlier", async () => {
  await using dir = await project({
    "pipelines/test.yaml": `
extends: [shared/one.yaml, shared/two.yaml]
params: { c: 0 }
stages:
  lr: { with: { scale: 8 } }
  own: { uses: source, resources: { cpu: 2 } }
`,
    "pipelines/shared/one.yaml": `
extends: base.yaml
params: { a: 1, b: 1, c: 1 }
`,
    "pipelines/shared/two.yaml": `
params: { b: 2, c: 2 }
profiles: { paper: { b: 4 } }
`,
    "pipelines/shared/base.yaml": `
params: { a: 9 }
stages:
  pictures: { uses: source }
  lr:
    uses: make_lr
    with: { scale: 4 }
    inputs: { hr: pictures.images }
    retries: 2
  train:
    uses: train
    with: { note: "\${params.a}\${params.b}\${params.c}" }
    inputs: { images: lr.lr }
`,
  });
  const { stages } = await dir.load();
  assert.deepEqual(stages.map(({ id }) => id), ["pictures", "lr", "train", "own"]);
  assert.deepEqual([stages[1].params, stages[1].retries], [{ scale: 8 }, 2]);
  assert.equal(stages[2].params.note, "120");
  assert.equal((await dir.load({ profile: "paper" })).stages[2].params.note, "140");
});

Deno.test("a stage that is given another uses starts anew", async () => {
  await using dir = await project({
    "pipelines/test.yaml": `
extends: base.yaml
stages:
  b: { uses: source }
`,
    "pipelines/base.yaml": `
stages:
  a: { uses: source, resources: { cpu: 2 } }
  b: { uses: make_lr, with: { scale: 8 }, inputs: { hr: a.images }, retries: 1 }
`,
  });
  const [, { uses, params, inputs, retries }] = (await dir.load()).stages;
  assert.deepEqual({ uses, params, inputs, retries }, {
    uses: "source",
    params: {},
    inputs: {},
    retries: 1,
  });
});

Deno.test("a file may be extended along two ways", async () => {
  await using dir = await project({
    "pipelines/test.yaml": "extends: [one.yaml, two.yaml]\n",
    "pipelines/one.yaml": "extends: base.yaml\n",
    "pipelines/two.yaml": "extends: ./base.yaml\n",
    "pipelines/base.yaml": "stages: { a: { uses: source } }\n",
  });
  assert.deepEqual((await dir.load()).stages.map(({ id }) => id), ["a"]);
});
