/**
 * Profiles, --set and references between params.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mistakesIn, project } from "./project.ts";

Deno.test("an unknown profile suggests the nearest", async () => {
  const text = await mistakesIn(
    `
profiles: { paper: {} }
stages:
  pictures: { uses: source }
`,
    { "profile": "papr" },
  );
  assert.equal(
    text,
    `
error: there is no profile "papr"
  --profile papr
            ^^^^ did you mean "paper"?
  pipelines/test.yaml has the profiles: default, paper
`.trimStart(),
  );
});

Deno.test("a profile sets only what params declares, with its type", async () => {
  const text = await mistakesIn(`
params: { scale: 4, data: { source: embedded } }
profiles:
  paper:
    scael: 8
    data: { path: x, source: 3 }
  other: { scale: [8], data: folder }
stages:
  pictures: { uses: source }
`);
  assert.equal(
    text,
    `
error: profile "paper" sets the unknown param "scael"
  pipelines/test.yaml:4:5
  4 |     scael: 8
    |     ^^^^^ did you mean "scale"?
  params has: scale, data

error: profile "paper" sets the unknown param "data.path"
  pipelines/test.yaml:5:13
  5 |     data: { path: x, source: 3 }
    |             ^^^^
  params.data has: source

error: profile "paper" sets the param "data.source" to another type
  pipelines/test.yaml:5:30
  5 |     data: { path: x, source: 3 }
    |                              ^ expected text, found 3

error: profile "other" sets the param "scale" to another type
  pipelines/test.yaml:6:19
  6 |   other: { scale: [8], data: folder }
    |                   ^^^ expected a number, found a list

error: profile "other" sets the param "data" to another type
  pipelines/test.yaml:6:30
  6 |   other: { scale: [8], data: folder }
    |                              ^^^^^^ expected a mapping, found "folder"
`.trimStart(),
  );
});

Deno.test("--set names a param that is there", async () => {
  const text = await mistakesIn(
    `
params: { scale: 4, data: { source: embedded, path: null } }
stages:
  pictures: { uses: source }
`,
    { "sets": ["scal=4", "data.pth=x", "scale.x=1", "params.scale=8", "x", "=3", "data=4"] },
  );
  assert.equal(
    text,
    `
error: there is no param "scal"
  --set scal=4
        ^^^^ did you mean "scale"?
  params has: scale, data

error: there is no param "params"
  --set params.scale=8
        ^^^^^^ write "scale"
  params has: scale, data

error: cannot read "--set x"
  --set x
        ^ expected NAME=VALUE

error: cannot read "--set =3"
  --set =3
        ^^ expected NAME=VALUE

error: there is no param "data.pth"
  --set data.pth=x
             ^^^ did you mean "path"?
  "data" has: source, path

error: the param "data" cannot become 4
  --set data=4
             ^ expected a mapping, as the default is a mapping

error: there is no param "scale.x"
  --set scale.x=1
              ^
  "scale" is 4: it has no parts
`.trimStart(),
  );
});

Deno.test("--set keeps the type of the default", async () => {
  const text = await mistakesIn(
    `
params: { scale: 4, name: a, list: [1], on: true, map: { a: 1 } }
stages:
  pictures: { uses: source }
`,
    { "sets": ["scale=big", "list=1", "on=1", "map=[1]", "name=[a]", "scale=[1"] },
  );
  assert.equal(
    text,
    `
error: the param "on" cannot become 1
  --set on=1
           ^ expected true or false, as the default is true

error: the param "map" cannot become a list
  --set map=[1]
            ^^^ expected a mapping, as the default is a mapping

error: the param "list" cannot become 1
  --set list=1
             ^ expected a list, as the default is a list

error: the param "name" cannot become a list
  --set name=[a]
             ^^^ expected text, as the default is "a"

error: the param "scale" cannot become "big"
  --set scale=big
              ^^^ expected a number, as the default is 4

error: cannot read the value of "scale" as YAML
  --set scale=[1
              ^^ put it in quotes if it is text
`.trimStart(),
  );
});

Deno.test("--set is shown where its value is wrong", async () => {
  const text = await mistakesIn(
    `
params: { scale: 4 }
stages:
  pictures: { uses: source }
  lr: { uses: make_lr, with: { scale: "\${params.scale}" }, inputs: { hr: pictures.images } }
`,
    { "sets": ["scale=5"] },
  );
  assert.equal(
    text,
    `
error: parameter "scale" of stage "lr" must be 4 or 8
  --set scale=5
              ^ found 5
`.trimStart(),
  );
});

Deno.test("a profile is shown where its value is wrong", async () => {
  const text = await mistakesIn(
    `
params: { scale: 4 }
profiles: { paper: { scale: 5 } }
stages:
  pictures: { uses: source }
  lr: { uses: make_lr, with: { scale: "\${params.scale}" }, inputs: { hr: pictures.images } }
`,
    { "profile": "paper" },
  );
  assert.equal(
    text,
    `
error: parameter "scale" of stage "lr" must be 4 or 8
  pipelines/test.yaml:2:29
  2 | profiles: { paper: { scale: 5 } }
    |                             ^ found 5
`.trimStart(),
  );
});

Deno.test("a mapping given whole is shown where its part is wrong", async () => {
  const text = await mistakesIn(`
params:
  train:
    epochs: 0
    epoch: 3
stages:
  pictures: { uses: source }
  train: { uses: train, with: "\${params.train}", inputs: { images: pictures.images } }
`);
  assert.equal(
    text,
    `
error: parameter "epochs" of stage "train" must be greater than 0
  pipelines/test.yaml:3:13
  3 |     epochs: 0
    |             ^ found 0

error: stage "train" has an unknown parameter "epoch"
  pipelines/test.yaml:4:5
  4 |     epoch: 3
    |     ^^^^^ did you mean "epochs"?
  train takes: method, epochs, network, network_options, optimizer, note
`.trimStart(),
  );
});

Deno.test("an unknown param suggests the nearest", async () => {
  const text = await mistakesIn(`
params: { scale: 4, data: { source: x } }
stages:
  a: { uses: source, with: { path: "\${params.scal}/\${params.data.sorce}/\${parms.x}/\${matrix.x}/\${params.scale.x}" } }
`);
  assert.equal(
    text,
    `
error: there is no param "scal"
  pipelines/test.yaml:3:37
  3 |   a: { uses: source, with: { path: "\${params.scal}/\${params.data.sorce}/\${parms.x}/\${matrix.x}/\${params.scale.x}" } }
    |                                     ^^^^^^^^^^^^^^ did you mean "params.scale"?
  params has: scale, data

error: there is no param "data.sorce"
  pipelines/test.yaml:3:52
  3 |   a: { uses: source, with: { path: "\${params.scal}/\${params.data.sorce}/\${parms.x}/\${matrix.x}/\${params.scale.x}" } }
    |                                                    ^^^^^^^^^^^^^^^^^^^^ did you mean "params.data.source"?
  params.data has: source

error: cannot resolve "parms.x"
  pipelines/test.yaml:3:73
  3 |   a: { uses: source, with: { path: "\${params.scal}/\${params.data.sorce}/\${parms.x}/\${matrix.x}/\${params.scale.x}" } }
    |                                                                         ^^^^^^^^^^ expected params.NAME or matrix.NAME

error: there is no "matrix.x" here
  pipelines/test.yaml:3:84
  3 |   a: { uses: source, with: { path: "\${params.scal}/\${params.data.sorce}/\${parms.x}/\${matrix.x}/\${params.scale.x}" } }
    |                                                                                    ^^^^^^^^^^^
  this stage has no matrix

error: there is no param "scale.x"
  pipelines/test.yaml:3:96
  3 |   a: { uses: source, with: { path: "\${params.scal}/\${params.data.sorce}/\${parms.x}/\${matrix.x}/\${params.scale.x}" } }
    |                                                                                                ^^^^^^^^^^^^^^^^^
  params.scale is 4: it has no parts
`.trimStart(),
  );
});

Deno.test("a reference that is not closed", async () => {
  const text = await mistakesIn(`
params: { a: 1, b: "x \${params.a" }
stages:
  pictures: { uses: source }
`);
  assert.equal(
    text,
    `
error: a reference is not closed: expected "}"
  pipelines/test.yaml:1:23
  1 | params: { a: 1, b: "x \${params.a" }
    |                       ^^^^^^^^^^
`.trimStart(),
  );
});

Deno.test("params that refer to themselves", async () => {
  const text = await mistakesIn(`
params: { a: "\${params.b}", b: "x \${params.a}", c: { d: "\${params.c}" } }
stages:
  pictures: { uses: source }
`);
  assert.equal(
    text,
    `
error: the param "b" refers to itself
  pipelines/test.yaml:1:15
  1 | params: { a: "\${params.b}", b: "x \${params.a}", c: { d: "\${params.c}" } }
    |               ^^^^^^^^^^^
  b → a → b

error: the param "a" refers to itself
  pipelines/test.yaml:1:35
  1 | params: { a: "\${params.b}", b: "x \${params.a}", c: { d: "\${params.c}" } }
    |                                   ^^^^^^^^^^^
  a → b → a

error: the param "c" refers to itself
  pipelines/test.yaml:1:58
  1 | params: { a: "\${params.b}", b: "x \${params.a}", c: { d: "\${params.c}" } }
    |                                                          ^^^^^^^^^^^
  c → c
`.trimStart(),
  );
});

Deno.test("params cannot refer to a matrix", async () => {
  const text = await mistakesIn(`
params: { a: "\${matrix.b}" }
stages:
  pictures: { uses: source }
`);
  assert.equal(
    text,
    `
error: cannot resolve "matrix.b"
  pipelines/test.yaml:1:15
  1 | params: { a: "\${matrix.b}" }
    |               ^^^^^^^^^^^ expected params.NAME
`.trimStart(),
  );
});

Deno.test("only single values can be part of a text", async () => {
  const text = await mistakesIn(`
params: { a: [1], b: { c: 1 }, d: null, e: "x\${params.a}\${params.b}\${params.d}" }
stages:
  pictures: { uses: source }
`);
  assert.equal(
    text,
    `
error: "params.a" is a list and cannot be part of a text
  pipelines/test.yaml:1:46
  1 | params: { a: [1], b: { c: 1 }, d: null, e: "x\${params.a}\${params.b}\${params.d}" }
    |                                              ^^^^^^^^^^^ expected text, a number, true or false

error: "params.b" is a mapping and cannot be part of a text
  pipelines/test.yaml:1:57
  1 | params: { a: [1], b: { c: 1 }, d: null, e: "x\${params.a}\${params.b}\${params.d}" }
    |                                                         ^^^^^^^^^^^ expected text, a number, true or false

error: "params.d" is null and cannot be part of a text
  pipelines/test.yaml:1:68
  1 | params: { a: [1], b: { c: 1 }, d: null, e: "x\${params.a}\${params.b}\${params.d}" }
    |                                                                    ^^^^^^^^^^^ expected text, a number, true or false
`.trimStart(),
  );
});
Deno.test("--set reads values as YAML and keeps text where text belongs", async () => {
  await using dir = await project(`
params: { a: x, b: null, c: 1, d: [1], options: {}, net: { options: { blocks: 4 } } }
stages:
  a: { uses: source, when: "\${params.a} == '007' && \${params.b} == null" }
  b: { uses: source, when: "\${params.b} == 3 && \${params.c} == 0.5" }
  c: { uses: source, matrix: { d: "\${params.d}" } }
  d: { uses: source, when: "\${params.options.new} && \${params.net.options.depth} == 2" }
`);
  const ids = async (...sets: string[]) =>
    (await dir.load({ sets })).stages.flatMap(({ id, aliases }) => [id, ...aliases]);
  const free = ["options.new=true", "net.options.depth=2"];
  assert.deepEqual(await ids("a=007", ...free), ["a", "c/1", "d"]);
  assert.deepEqual(await ids("b=3", "c=5e-1", "d=[x, 2]", ...free), ["b", "c/x", "c/2", "d"]);
  assert.deepEqual(await ids("c=1", "c=0.5", "b=3", "options={new: false}", free[1]), ["b", "c/1"]);
  assert.deepEqual(await ids("a=007", "b=", ...free), ["a", "c/1", "d"]);
});

Deno.test("params may refer to params anywhere, whole values keep their type", async () => {
  await using dir = await project(`
params:
  last: "\${params.first.value}"
  first: { value: "\${params.count}", both: "\${params.count}-\${params.on}" }
  count: 3
  on: true
  whole: "\${params.first}"
stages:
  pictures: { uses: source }
  a:
    uses: train
    with: { epochs: "\${params.whole.value}", note: "\${params.whole.both} \${ params.last }" }
    inputs: { images: "\${params.where}.images" }
`.replace("count: 3", "count: 3\n  where: pictures"));
  const [, a] = (await dir.load()).stages;
  assert.deepEqual(a.params, { method: "h2t", epochs: 3, note: "3-true 3" });
  assert.deepEqual(a.inputs, { images: [{ id: "pictures", output: "images" }] });
});
Deno.test("a choice that is nearly one that conditions know is taken for a slip", async () => {
  const yaml = `
params: { data: { source: embedded } }
stages:
  a: { uses: source, when: "\${params.data.source} == embedded" }
  b: { uses: source, when: "\${ params.data.source } == 'folder' || \${params.data.source} == 3" }
  c: { uses: source }
`;
  assert.equal(
    await mistakesIn(yaml, { sets: ["data.source=foldr"] }),
    `
error: no condition knows the value "foldr" of the param "data.source"
  --set data.source=foldr
                    ^^^^^ did you mean "folder"?
  conditions ask for: embedded, folder
`.trimStart(),
  );
  assert.equal(await mistakesIn(yaml, { sets: ["data.source=none"] }), "");
});
