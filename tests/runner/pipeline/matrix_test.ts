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
