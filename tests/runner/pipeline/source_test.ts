/**
 * What is said of files that cannot be read as one YAML document.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mistakesIn, project } from "./project.ts";

Deno.test("an empty file says what a pipeline needs", async () => {
  const text = await mistakesIn("");
  assert.equal(
    text,
    `
error: pipelines/test.yaml is empty
  a pipeline file has at least: stages: { NAME: { uses: STAGE } }
`.trimStart(),
  );
});

Deno.test("a file of comments alone is empty", async () => {
  const text = await mistakesIn(`
# nothing yet
---
`);
  assert.equal(
    text,
    `
error: pipelines/test.yaml is empty
  a pipeline file has at least: stages: { NAME: { uses: STAGE } }
`.trimStart(),
  );
});

Deno.test("a missing file suggests the nearest one", async () => {
  const text = await mistakesIn({
    "pipelines/det_coco.yaml": `
stages:
  pictures: { uses: source }
`,
    "pipelines/seg_voc.yaml": `
stages:
  pictures: { uses: source }
`,
  }, { "file": "pipelines/det_cocoo.yaml" });
  assert.equal(
    text,
    `
error: there is no file "pipelines/det_cocoo.yaml"
  did you mean "pipelines/det_coco.yaml"?
  there are: pipelines/det_coco.yaml, pipelines/seg_voc.yaml
`.trimStart(),
  );
});

Deno.test("a file name without its ending suggests the file", async () => {
  const text = await mistakesIn({
    "pipelines/det_coco.yaml": `
stages:
  pictures: { uses: source }
`,
  }, { "file": "pipelines/det_coco" });
  assert.equal(
    text,
    `
error: there is no file "pipelines/det_coco"
  did you mean "pipelines/det_coco.yaml"?
  there are: pipelines/det_coco.yaml
`.trimStart(),
  );
});

Deno.test("a folder in place of a file lists its pipelines", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
stages:
  pictures: { uses: source }
`,
  }, { "file": "pipelines" });
  assert.equal(
    text,
    `
error: "pipelines" is a folder: expected a YAML file
  it has: pipelines/test.yaml
`.trimStart(),
  );
});

Deno.test("every key that is given twice is shown", async () => {
  const text = await mistakesIn(`
params: { a: 1, b: 2, a: 3 }
stages:
  x: { uses: source }
  x: { uses: source }
`);
  assert.equal(
    text,
    `
error: the key "a" is given twice
  pipelines/test.yaml:1:23
  1 | params: { a: 1, b: 2, a: 3 }
    |                       ^ it stands in line 1 already

error: the key "x" is given twice
  pipelines/test.yaml:4:3
  4 |   x: { uses: source }
    |   ^ it stands in line 3 already
`.trimStart(),
  );
});

Deno.test("tabs as indentation are refused", async () => {
  const text = await mistakesIn("stages:\n\tx:\n\t\tuses: source\n");
  assert.equal(
    text,
    `
error: a tab cannot indent YAML
  pipelines/test.yaml:2:1
  2 |  x:
    | ^ use spaces

error: a tab cannot indent YAML
  pipelines/test.yaml:3:1
  3 |   uses: source
    | ^^ use spaces
`.trimStart(),
  );
});

Deno.test("a list that is not closed", async () => {
  const text = await mistakesIn(`
stages:
  x:
    uses: source
    matrix: { n: [1, 2 }
`);
  assert.equal(
    text,
    `
error: this [ is not closed
  pipelines/test.yaml:4:18
  4 |     matrix: { n: [1, 2 }
    |                  ^ expected ]
`.trimStart(),
  );
});

Deno.test("a text that is not closed", async () => {
  const text = await mistakesIn(`
stages:
  x: { uses: "source }
`);
  assert.equal(
    text,
    `
error: this " is not closed
  pipelines/test.yaml:2:14
  2 |   x: { uses: "source }
    |              ^ expected "
`.trimStart(),
  );
});

Deno.test("uneven indentation", async () => {
  const text = await mistakesIn(`
stages:
    x:
      uses: source
   y:
      uses: source
`);
  assert.equal(
    text,
    `
error: the indentation is uneven
  pipelines/test.yaml:4:1
  4 |    y:
    | ^ expected the column of the lines above
`.trimStart(),
  );
});

Deno.test("a line that is no key and value", async () => {
  const text = await mistakesIn(`
stages:
  x:
    uses source
    retries: 1
`);
  assert.equal(
    text,
    `
error: this is no "key: value" line
  pipelines/test.yaml:3:5
  3 |     uses source
    |     ^^^^^^^^^^^ expected a colon and a space after the key
`.trimStart(),
  );
});

Deno.test("a reference between braces without quotes", async () => {
  const text = await mistakesIn(`
stages:
  x: { uses: source, with: \${params.x} }
`);
  assert.equal(
    text,
    `
error: a reference between { } or [ ] needs quotes
  pipelines/test.yaml:2:28
  2 |   x: { uses: source, with: \${params.x} }
    |                            ^^^^^^^^^^^ write "\${...}"
`.trimStart(),
  );
});

Deno.test("an unknown alias", async () => {
  const text = await mistakesIn(`
stages:
  x: *nothing
`);
  assert.equal(
    text,
    `
error: the alias *nothing has no anchor &nothing before it
  pipelines/test.yaml:2:6
  2 |   x: *nothing
    |      ^^^^^^^^
`.trimStart(),
  );
});

Deno.test("a tag", async () => {
  const text = await mistakesIn(`
stages:
  x: !!js/function f
`);
  assert.equal(
    text,
    `
error: the YAML tag is not known
  pipelines/test.yaml:2:6
  2 |   x: !!js/function f
    |      ^^^^^^^^^^^^^ remove it: values need no tags here
`.trimStart(),
  );
});

Deno.test("two documents", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
---
stages:
  pictures: { uses: source }
`);
  assert.equal(
    text,
    `
error: pipelines/test.yaml holds 2 YAML documents: expected one
  pipelines/test.yaml:3:1
  3 | ---
    | ^^^ the second one begins here
`.trimStart(),
  );
});

Deno.test("text in place of a mapping", async () => {
  const text = await mistakesIn(`
just words
`);
  assert.equal(
    text,
    `
error: pipelines/test.yaml must be a mapping
  pipelines/test.yaml:1:1
  1 | just words
    | ^ found "just words"
`.trimStart(),
  );
});

Deno.test("an alias inside the value it repeats", async () => {
  const text = await mistakesIn(`
params:
  a: &a { b: *a }
`);
  assert.equal(
    text,
    `
error: an alias stands inside the value it repeats
  pipelines/test.yaml:2:14
  2 |   a: &a { b: *a }
    |              ^^ never ends
`.trimStart(),
  );
});

Deno.test("the reserved name", async () => {
  const text = await mistakesIn(`
params:
  __proto__: { a: 1 }
`);
  assert.equal(
    text,
    `
error: the name "__proto__" is reserved
  pipelines/test.yaml:2:3
  2 |   __proto__: { a: 1 }
    |   ^^^^^^^^^ choose another
`.trimStart(),
  );
});
Deno.test("a byte that is not UTF-8 is shown with its place", async () => {
  const text = new TextEncoder().encode("# \ufffd is written\nstages:\n  caf");
  const bytes = new Uint8Array([...text, 0xe9, ...new TextEncoder().encode(": {}\n")]);
  assert.equal(
    await mistakesIn({ "pipelines/test.yaml": bytes }),
    `
error: pipelines/test.yaml is not UTF-8 text
  pipelines/test.yaml:3:6
  3 |   caf\ufffd: {}
    |      ^ this byte cannot stand here
  save the file as UTF-8 in your editor
`.trimStart(),
  );
});

Deno.test("UTF-16 is named", async () => {
  const bytes = new Uint8Array([0xff, 0xfe, 0x61, 0x00]);
  assert.equal(
    await mistakesIn({ "pipelines/test.yaml": bytes }),
    `
error: pipelines/test.yaml is UTF-16 text: expected UTF-8
  save it as UTF-8 in your editor
`.trimStart(),
  );
});

Deno.test("a huge file is refused by its size", async () => {
  assert.equal(
    await mistakesIn({ "pipelines/test.yaml": new Uint8Array(9 * 2 ** 20) }),
    "error: pipelines/test.yaml is too large for a pipeline file: 9.0 MiB, at most 8.0 MiB\n",
  );
});

Deno.test("aliases that would blow up are refused", async () => {
  const rows = Array.from({ length: 9 }, (_, i) => {
    const items = Array(9).fill(i === 0 ? "x" : `*a${i - 1}`).join(", ");
    return `  a${i}: &a${i} [${items}]\n`;
  });
  assert.equal(
    await mistakesIn(`params:\n${rows.join("")}stages: { a: { uses: source } }\n`),
    `
error: pipelines/test.yaml grows to more than 1,000,000 values through its aliases
  pipelines/test.yaml:8:12
  8 |   a6: &a6 [*a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5]
    |            ^^^ its aliases repeat one another here
`.trimStart(),
  );
});

Deno.test("anchors, aliases, merges, a byte order mark and CRLF are fine", async () => {
  await using dir = await project(`\ufeff
stages:
  a: &picture
    uses: source
    resources: &small { cpu: 2, gpu: 1 }
  b: *picture
  c:
    <<: *picture
    resources: { <<: *small, cpu: 3 }
`.replaceAll("\n", "\r\n"));
  const { stages } = await dir.load();
  assert.deepEqual(stages.map(({ id, aliases, resources }) => [id, aliases, resources]), [
    ["a", ["b"], { cpu: 2, gpu: 1 }],
    ["c", [], { cpu: 3, gpu: 1 }],
  ]);
});
