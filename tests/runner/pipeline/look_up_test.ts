/**
 * Mappings indexed by other references: `${params.sizes[matrix.network]}`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parseReference } from "../../../runner/pipeline/reference.ts";
import { mistakesIn, project } from "./project.ts";

Deno.test("parseReference() reads dots and brackets, also behind and inside one another", () => {
  assert.deepEqual(parseReference("params.a.b"), {
    text: "params.a.b",
    steps: ["params", "a", "b"],
  });
  assert.deepEqual(parseReference("params.a[ matrix.b ].c[params.d[matrix.e]]"), {
    text: "params.a[ matrix.b ].c[params.d[matrix.e]]",
    steps: [
      "params",
      "a",
      { text: "matrix.b", steps: ["matrix", "b"] },
      "c",
      {
        text: "params.d[matrix.e]",
        steps: ["params", "d", { text: "matrix.e", steps: ["matrix", "e"] }],
      },
    ],
  });
});

for (const text of ["a[b", "a]b", "a[b]c", "a[b]]", "a[[b]", "a[]x", "]"]) {
  Deno.test(`"${text}" is no reference`, () => assert.equal(parseReference(text), undefined));
}

Deno.test("an index stands for a key wherever references may stand", async () => {
  await using dir = await project(`
params:
  method: sr4ir
  stage: { sr4ir: train }
  blocks: { edsr: { 2: 8, 4: "\${params.many}" }, other: {} }
  many: 16
  used: { true: edsr }
  from: { edsr: pictures.images }
  label: { edsr: "x\${params.notes[params.method]}" }
  notes: { sr4ir: best }
stages:
  pictures: { uses: source }
  a:
    uses: \${params.stage[params.method]}
    matrix: { network: [edsr, other], scale: [2, 4], on: [true] }
    when: \${params.blocks[matrix.network][matrix.scale]} && \${params.used[matrix.on]} == edsr
    with:
      network: edsr
      network_options: { blocks: "\${params.blocks[matrix.network][matrix.scale]}" }
      note: \${params.label[params.used[matrix.on]]}, \${ params.notes[ params.method ] } one
    inputs: { images: "\${params.from[matrix.network]}" }
`);
  const [, ...stages] = (await dir.load()).stages;
  assert.deepEqual(
    stages.map(({ id, params, inputs }) => [id, params, inputs]),
    [2, 4].map((n) => [
      `a/edsr/${n}/true`,
      {
        method: "h2t",
        epochs: 3,
        network: "edsr",
        network_options: { scale: 4, blocks: n === 2 ? 8 : 16 },
        note: "xbest, best one",
      },
      { images: [{ id: "pictures", output: "images" }] },
    ]),
  );
});

Deno.test("an index that is no key suggests the nearest", async () => {
  const text = await mistakesIn(`
params: { blocks: { edsr: 1, swinir: 2 }, scale: 4, deep: { edsr: 3 } }
stages:
  a:
    uses: train
    matrix: { network: [edsr, swinr] }
    when: \${params.blocks[matrix.network]} != 3
    with: { epochs: "\${params.deep[matrix.network][params.scale]}" }
  b: { uses: source, with: { path: "a/\${params.scale[params.scale].x}" } }
`);
  assert.equal(
    text,
    `
error: there is no param "blocks.swinr"
  pipelines/test.yaml:6:11
  6 |     when: \${params.blocks[matrix.network]} != 3
    |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean "swinir"?
  matrix.network is "swinr"
  params.blocks has: edsr, swinir

error: there is no param "deep.edsr.4"
  pipelines/test.yaml:7:22
  7 |     with: { epochs: "\${params.deep[matrix.network][params.scale]}" }
    |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  matrix.network is "edsr"
  params.scale is 4
  params.deep.edsr is 3: it has no parts

error: there is no param "deep.swinr.4"
  pipelines/test.yaml:7:22
  7 |     with: { epochs: "\${params.deep[matrix.network][params.scale]}" }
    |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  matrix.network is "swinr"
  params.scale is 4
  params.deep has: edsr

error: there is no param "scale.4.x"
  pipelines/test.yaml:8:39
  8 |   b: { uses: source, with: { path: "a/\${params.scale[params.scale].x}" } }
    |                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  params.scale is 4
  params.scale is 4: it has no parts
`.trimStart(),
  );
});

Deno.test("an index is a single value, and itself a reference that can be read", async () => {
  const text = await mistakesIn(`
params: { a: { x: 1 }, list: [x], none: null }
stages:
  one: { uses: source, with: { path: "\${params.a[params.list]}\${params.a[params.none]}" } }
  two: { uses: source, with: { path: "\${params.a[x]}\${params.a[params.y]}\${params.a[params.list}" } }
`);
  assert.equal(
    text,
    `
error: "params.list" is a list and cannot be a key
  pipelines/test.yaml:3:39
  3 |   one: { uses: source, with: { path: "\${params.a[params.list]}\${params.a[params.none]}" } }
    |                                       ^^^^^^^^^^^^^^^^^^^^^^^^ expected text, a number, true or false

error: "params.none" is null and cannot be a key
  pipelines/test.yaml:3:63
  3 |   one: { uses: source, with: { path: "\${params.a[params.list]}\${params.a[params.none]}" } }
    |                                                               ^^^^^^^^^^^^^^^^^^^^^^^^ expected text, a number, true or false

error: cannot resolve "x"
  pipelines/test.yaml:4:39
  4 |   two: { uses: source, with: { path: "\${params.a[x]}\${params.a[params.y]}\${params.a[params.list}" } }
    |                                       ^^^^^^^^^^^^^^ expected params.NAME or matrix.NAME

error: there is no param "y"
  pipelines/test.yaml:4:53
  4 |   two: { uses: source, with: { path: "\${params.a[x]}\${params.a[params.y]}\${params.a[params.list}" } }
    |                                                     ^^^^^^^^^^^^^^^^^^^^^
  params has: a, list, none

error: cannot read the reference "params.a[params.list"
  pipelines/test.yaml:4:74
  4 |   two: { uses: source, with: { path: "\${params.a[x]}\${params.a[params.y]}\${params.a[params.list}" } }
    |                                                                          ^^^^^^^^^^^^^^^^^^^^^^^ expected e.g. params.NAME[matrix.NAME]
`.trimStart(),
  );
});

Deno.test("in params an index is a param", async () => {
  const text = await mistakesIn(`
params: { a: { x: 1 }, b: "\${params.a[matrix.x]}" }
stages:
  pictures: { uses: source }
`);
  assert.equal(
    text,
    `
error: cannot resolve "matrix.x"
  pipelines/test.yaml:1:28
  1 | params: { a: { x: 1 }, b: "\${params.a[matrix.x]}" }
    |                            ^^^^^^^^^^^^^^^^^^^^^ expected params.NAME
`.trimStart(),
  );
});

Deno.test("params that refer to themselves through an index", async () => {
  const text = await mistakesIn(`
params: { a: { x: "\${params.a[params.k]}" }, k: x, b: "\${params.a[params.b]}" }
stages:
  pictures: { uses: source }
`);
  assert.equal(
    text,
    `
error: the param "a.x" refers to itself
  pipelines/test.yaml:1:20
  1 | params: { a: { x: "\${params.a[params.k]}" }, k: x, b: "\${params.a[params.b]}" }
    |                    ^^^^^^^^^^^^^^^^^^^^^
  a.x → a.x

error: the param "b" refers to itself
  pipelines/test.yaml:1:56
  1 | params: { a: { x: "\${params.a[params.k]}" }, k: x, b: "\${params.a[params.b]}" }
    |                                                        ^^^^^^^^^^^^^^^^^^^^^
  b → b
`.trimStart(),
  );
});

Deno.test("a wrong value behind an index is shown where it is written", async () => {
  const text = await mistakesIn(`
params:
  options:
    edsr: { blocks: 4 }
    swinir: { blocks: 4 }
  epochs: { edsr: 0, swinir: "\${params.none}" }
  none: null
  kinds: { 1: source, 2: sorce }
stages:
  pictures: { uses: source }
  a:
    uses: train
    matrix: { network: [edsr, swinir] }
    with:
      network: \${matrix.network}
      network_options: \${params.options[matrix.network]}
      epochs: \${params.epochs[matrix.network]}
    inputs: { images: pictures.images }
    resources: { cpu: "\${params.epochs[matrix.network]}" }
  b: { uses: "\${params.kinds[matrix.n]}", matrix: { n: [1, 2] } }
`);
  assert.equal(
    text,
    `
error: "resources.cpu" of stage "a" must be a whole number from 1
  pipelines/test.yaml:5:19
  5 |   epochs: { edsr: 0, swinir: "\${params.none}" }
    |                   ^ found 0

error: parameter "epochs" of stage "a" must be greater than 0
  pipelines/test.yaml:5:19
  5 |   epochs: { edsr: 0, swinir: "\${params.none}" }
    |                   ^ found 0

error: parameter "epochs" of stage "a" must be a number
  pipelines/test.yaml:6:9
  6 |   none: null
    |         ^^^^ found null
  give it with --set none=VALUE

error: there is no stage file "stages/sorce.ts"
  pipelines/test.yaml:7:26
  7 |   kinds: { 1: source, 2: sorce }
    |                          ^^^^^ did you mean "source"?
  stages: compare, make_lr, source, train
`.trimStart(),
  );
  const options = await mistakesIn(
    `
params:
  options:
    edsr: { blocks: 4 }
    swinir: { blocks: 4 }
stages:
  pictures: { uses: source }
  a:
    uses: train
    matrix: { network: [edsr, swinir] }
    with:
      network: \${matrix.network}
      network_options: \${params.options[matrix.network]}
    inputs: { images: pictures.images }
`,
    { sets: ["options.edsr.blocks=0"] },
  );
  assert.equal(
    options,
    `
error: parameter "network_options.blocks" of stage "a" must be greater than 0
  --set options.edsr.blocks=0
                            ^ found 0

error: stage "a" has an unknown parameter "network_options.blocks"
  pipelines/test.yaml:4:15
  4 |     swinir: { blocks: 4 }
    |               ^^^^^^
  swinir takes: nothing
`.trimStart(),
  );
});

Deno.test("a key that an open mapping lacks gives null", async () => {
  const yaml = `
extends: base.yaml
params: { weights: { sr: { edsr: { 4: x4 } } } }
stages:
  a:
    uses: source
    matrix: { network: [edsr, swinir], scale: [4, 8] }
    when: \${params.weights.sr[matrix.network][matrix.scale]} != null
    with: { path: "\${params.weights.sr[matrix.network][matrix.scale]}" }
`;
  await using dir = await project({
    "pipelines/test.yaml": yaml,
    "pipelines/base.yaml": "params: { weights: { sr: {} } }\n",
    "x4": "",
    "x8": "",
  });
  const ids = async (...sets: string[]) => (await dir.load({ sets })).stages.map(({ id }) => id);
  assert.deepEqual(await ids(), ["a/edsr/4"]);
  assert.deepEqual(
    await ids("weights.sr.swinir.8=x8", "weights.sr.edsr.8=x8", "weights.sr.edsr.4="),
    [
      "a/edsr/8",
    ],
  );
});
