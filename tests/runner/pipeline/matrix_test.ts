/**
 * Matrix cells and what is said of wrong ones.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mistakesIn, project } from "./project.ts";

Deno.test("an axis is a list of values", async () => {
  const text = await mistakesIn(`
params: { n: 3, e: [] }
stages:
  a: { uses: source, matrix: { n: "\${params.n}" } }
  b: { uses: source, matrix: { n: "\${params.e}" } }
  c: { uses: source, matrix: {} }
`);
  assert.equal(
    text,
    `
error: "n" in the matrix of stage "a" must be a list of values
  pipelines/test.yaml:1:14
  1 | params: { n: 3, e: [] }
    |              ^ found 3

error: "n" in the matrix of stage "b" must be a list of values
  pipelines/test.yaml:1:20
  1 | params: { n: 3, e: [] }
    |                    ^^ found an empty list

error: the matrix of stage "c" has no values
  pipelines/test.yaml:5:22
  5 |   c: { uses: source, matrix: {} }
    |                      ^^^^^^ expected NAME: [value, ...]
`.trimStart(),
  );
});

Deno.test("a value is a word or a number", async () => {
  const text = await mistakesIn(`
params: { v: [a/b, null, .., ok, 1.5, { a: 1 }] }
stages:
  a: { uses: source, matrix: { n: "\${params.v}" } }
`);
  assert.equal(
    text,
    `
error: a matrix of stage "a" cannot hold "a/b"
  pipelines/test.yaml:1:15
  1 | params: { v: [a/b, null, .., ok, 1.5, { a: 1 }] }
    |               ^^^ expected a number or a word of letters, digits, _ . + -

error: a matrix of stage "a" cannot hold null
  pipelines/test.yaml:1:20
  1 | params: { v: [a/b, null, .., ok, 1.5, { a: 1 }] }
    |                    ^^^^ expected a number or a word of letters, digits, _ . + -

error: a matrix of stage "a" cannot hold ".."
  pipelines/test.yaml:1:26
  1 | params: { v: [a/b, null, .., ok, 1.5, { a: 1 }] }
    |                          ^^ expected a number or a word of letters, digits, _ . + -

error: a matrix of stage "a" cannot hold a mapping
  pipelines/test.yaml:1:39
  1 | params: { v: [a/b, null, .., ok, 1.5, { a: 1 }] }
    |                                       ^^^^^^^^ expected a number or a word of letters, digits, _ . + -
`.trimStart(),
  );
});

Deno.test("exclude and include name known axes, include all of them", async () => {
  const text = await mistakesIn(`
stages:
  a:
    uses: source
    matrix:
      size: [1, 2]
      kind: [x, y]
      exclude: [{ siz: 1 }]
      include: [{ size: 3 }, { size: 3, kind: z, color: red }]
`);
  assert.equal(
    text,
    `
error: the matrix of stage "a" has no "siz"
  pipelines/test.yaml:7:19
  7 |       exclude: [{ siz: 1 }]
    |                   ^^^ did you mean "size"?
  it has: size, kind

error: an included cell of stage "a" lacks kind
  pipelines/test.yaml:8:17
  8 |       include: [{ size: 3 }, { size: 3, kind: z, color: red }]
    |                 ^^^^^^^^^^^ a cell gives every value

error: the matrix of stage "a" has no "color"
  pipelines/test.yaml:8:50
  8 |       include: [{ size: 3 }, { size: 3, kind: z, color: red }]
    |                                                  ^^^^^
  it has: size, kind
`.trimStart(),
  );
});

Deno.test("a cell appears once", async () => {
  const text = await mistakesIn(`
stages:
  a: { uses: source, matrix: { n: [1, 2], include: [{ n: 2 }] } }
`);
  assert.equal(
    text,
    `
error: the matrix of stage "a" has the cell "a/2" twice
  pipelines/test.yaml:2:22
  2 |   a: { uses: source, matrix: { n: [1, 2], include: [{ n: 2 }] } }
    |                      ^^^^^^
`.trimStart(),
  );
});

Deno.test("matrix values are checked by the stage", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  a:
    uses: train
    matrix: { method: [h2t, l3t] }
    with: { method: "\${matrix.method}", note: "\${matrix.methods}" }
    inputs: { images: pictures.images }
`);
  assert.equal(
    text,
    `
error: there is no "matrix.methods" here
  pipelines/test.yaml:6:48
  6 |     with: { method: "\${matrix.method}", note: "\${matrix.methods}" }
    |                                                ^^^^^^^^^^^^^^^^^ did you mean "matrix.method"?
  matrix has: method
`.trimStart(),
  );
});
Deno.test("a matrix makes a stage for each combination, in order, less exclude, plus include", async () => {
  await using dir = await project(`
params: { sizes: [1, 2] }
stages:
  pictures: { uses: source }
  a:
    uses: train
    matrix:
      size: \${params.sizes}
      kind: [x, y]
      flag: [true]
      exclude: [{ size: 1, kind: y }, { size: 7 }]
      include: [{ kind: z, size: 0.5, flag: false }]
    with: { note: "\${matrix.kind}\${matrix.size}" }
    inputs: { images: pictures.images }
    resources: { cpu: "\${matrix.size}" }
    when: \${matrix.kind} != z
`);
  const [, ...cells] = (await dir.load()).stages;
  assert.deepEqual(cells.map(({ id, params, resources }) => [id, params.note, resources.cpu]), [
    ["a/1/x/true", "x1", 1],
    ["a/2/x/true", "x2", 2],
    ["a/2/y/true", "y2", 2],
  ]);
});

Deno.test("the whole uses of a stage may come from the matrix", async () => {
  await using dir = await project(`
stages:
  a: { uses: "\${matrix.kind}", matrix: { kind: [source] } }
`);
  assert.deepEqual((await dir.load()).stages.map(({ uses }) => uses), ["source"]);
});

Deno.test("the lists of a zip walk together, before the axes beside them", async () => {
  await using dir = await project(`
params: { sizes: [1, 2], pairs: { size: [3, 4], kind: [v, w] } }
stages:
  pictures: { uses: source }
  a:
    uses: train
    matrix:
      flag: [true, false]
      zip: { size: "\${params.sizes}", kind: [x, y] }
      exclude: [{ kind: y, flag: false }]
      include: [{ kind: z, size: 9, flag: true }]
    with: { note: "\${matrix.kind}\${matrix.size}\${matrix.flag}" }
    inputs: { images: pictures.images }
  b:
    uses: train
    matrix: { zip: "\${params.pairs}" }
    with: { note: "\${matrix.kind}\${matrix.size}" }
    inputs: { images: pictures.images }
`);
  const [, ...cells] = (await dir.load()).stages;
  assert.deepEqual(cells.map(({ id, params }) => [id, params.note]), [
    ["a/1/x/true", "x1true"],
    ["a/1/x/false", "x1false"],
    ["a/2/y/true", "y2true"],
    ["a/9/z/true", "z9true"],
    ["b/3/v", "v3"],
    ["b/4/w", "w4"],
  ]);
});

Deno.test("a zip says what is wrong with it", async () => {
  const text = await mistakesIn(`
params: { n: 3, sizes: [1, 2] }
stages:
  pictures: { uses: source }
  a: { uses: source, matrix: { zip: { size: "\${params.sizes}", kind: [x, y, z] } } }
  b: { uses: source, matrix: { zip: "\${params.n}" } }
  c: { uses: source, matrix: { zip: {} } }
  d: { uses: source, matrix: { zip: { n: [1] }, n: [2] } }
  e: { uses: source, matrix: { zip: { n: [1], kind: [a/b] }, m: [] } }
  f:
    uses: train
    matrix: { zip: { method: [h2t, l3t], epochs: [1, 2] } }
    with: { method: "\${matrix.method}", epochs: "\${matrix.epochs}" }
    inputs: { images: pictures.images }
`);
  assert.equal(
    text,
    `
error: "zip" in the matrix of stage "b" must be a mapping of lists
  pipelines/test.yaml:1:14
  1 | params: { n: 3, sizes: [1, 2] }
    |              ^ found 3

error: the lists in the zip of stage "a" must be equally long
  pipelines/test.yaml:4:32
  4 |   a: { uses: source, matrix: { zip: { size: "\${params.sizes}", kind: [x, y, z] } } }
    |                                ^^^ size has 2, kind has 3

error: "zip" in the matrix of stage "c" must be a mapping of lists
  pipelines/test.yaml:6:37
  6 |   c: { uses: source, matrix: { zip: {} } }
    |                                     ^^ found an empty mapping

error: the matrix of stage "d" has "n" twice, also in its zip
  pipelines/test.yaml:7:49
  7 |   d: { uses: source, matrix: { zip: { n: [1] }, n: [2] } }
    |                                                 ^

error: a matrix of stage "e" cannot hold "a/b"
  pipelines/test.yaml:8:54
  8 |   e: { uses: source, matrix: { zip: { n: [1], kind: [a/b] }, m: [] } }
    |                                                      ^^^ expected a number or a word of letters, digits, _ . + -

error: "m" in the matrix of stage "e" must be a list of values
  pipelines/test.yaml:8:65
  8 |   e: { uses: source, matrix: { zip: { n: [1], kind: [a/b] }, m: [] } }
    |                                                                 ^^ found an empty list

error: parameter "method" of stage "f" must be "h2t", "l2t" or "sr4ir"
  pipelines/test.yaml:11:30
  11 |     matrix: { zip: { method: [h2t, l3t], epochs: [1, 2] } }
     |                              ^^^^^^^^^^ did you mean "l2t"?
`.trimStart(),
  );
});

Deno.test("a zip is a mapping or stands for one", async () => {
  const text = await mistakesIn(`
stages:
  a: { uses: source, matrix: { zip: [1, 2] } }
`);
  assert.equal(
    text,
    `
error: "matrix.zip" of stage "a" must be a mapping of lists, or \${params.NAME}
  pipelines/test.yaml:2:37
  2 |   a: { uses: source, matrix: { zip: [1, 2] } }
    |                                     ^^^^^^ found a list
`.trimStart(),
  );
});

Deno.test("an axis that stands for a mapping has its keys, and an empty one makes no cells", async () => {
  await using dir = await project(`
params: { folders: {} }
stages:
  made: { uses: source }
  own:
    uses: source
    matrix: { set: "\${params.folders}" }
    with: { path: "\${params.folders[matrix.set]}" }
  a: { uses: train, inputs: { images: made.images } }
  b:
    uses: train
    matrix: { set: "\${params.folders}" }
    inputs: { images: "own/\${matrix.set}.images" }
  all: { uses: compare, inputs: { all: [a.weights, b.weights] } }
`);
  const inputsOf = async (sets: string[]) => {
    const { stages } = await dir.load({ sets });
    return stages.find(({ id }) => id === "all")?.inputs.all.map(({ id }) => id);
  };
  assert.deepEqual(await inputsOf([]), ["a"]);
  assert.deepEqual(await inputsOf(["folders.kodak=pipelines", "folders.set5=stages"]), [
    "a",
    "b/kodak",
    "b/set5",
  ]);
});
