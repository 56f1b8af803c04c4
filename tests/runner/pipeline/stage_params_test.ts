/**
 * Parameters against contracts: wrong ones, modules chosen by name, paths.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mistakesIn, project } from "./project.ts";

Deno.test("every wrong parameter is shown", async () => {
  const text = await mistakesIn(`
stages:
  a:
    uses: train
    with:
      method: h3t
      epochs: 0
      network: edrs
      optimizer: { kind: adam, lr: "0.1", momentum: 0.9 }
      note: [1]
      epoch: 3
`);
  assert.equal(
    text,
    `
error: parameter "method" of stage "a" must be "h2t", "l2t" or "sr4ir"
  pipelines/test.yaml:5:15
  5 |       method: h3t
    |               ^^^ did you mean "h2t"?

error: parameter "epochs" of stage "a" must be greater than 0
  pipelines/test.yaml:6:15
  6 |       epochs: 0
    |               ^ found 0

error: parameter "network" of stage "a" names no module of models/sr
  pipelines/test.yaml:7:16
  7 |       network: edrs
    |                ^^^^ did you mean "edsr"?
  models/sr has: edsr, swinir

error: parameter "optimizer.lr" of stage "a" must be a number
  pipelines/test.yaml:8:36
  8 |       optimizer: { kind: adam, lr: "0.1", momentum: 0.9 }
    |                                    ^^^^^ found the text "0.1": write it without quotes

error: stage "a" has an unknown parameter "optimizer.momentum"
  pipelines/test.yaml:8:43
  8 |       optimizer: { kind: adam, lr: "0.1", momentum: 0.9 }
    |                                           ^^^^^^^^
  "optimizer" takes: kind, lr

error: parameter "note" of stage "a" must be text
  pipelines/test.yaml:9:13
  9 |       note: [1]
    |             ^^^ found a list

error: stage "a" has an unknown parameter "epoch"
  pipelines/test.yaml:10:7
  10 |       epoch: 3
     |       ^^^^^ did you mean "epochs"?
  train takes: method, epochs, network, network_options, optimizer, note
`.trimStart(),
  );
});

Deno.test("a missing parameter is shown at its mapping", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  a:
    uses: train
    with: { optimizer: { kind: adam } }
    inputs: { images: pictures.images }
`);
  assert.equal(
    text,
    `
error: stage "a" needs the parameter "optimizer.lr"
  pipelines/test.yaml:5:13
  5 |     with: { optimizer: { kind: adam } }
    |             ^^^^^^^^^ expected a number
`.trimStart(),
  );
});

Deno.test("a fraction is not a whole number", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  a: { uses: train, with: { epochs: 1.5 }, inputs: { images: pictures.images } }
`);
  assert.equal(
    text,
    `
error: parameter "epochs" of stage "a" must be a whole number
  pipelines/test.yaml:3:37
  3 |   a: { uses: train, with: { epochs: 1.5 }, inputs: { images: pictures.images } }
    |                                     ^^^ found 1.5
`.trimStart(),
  );
});

Deno.test("options are checked by the module that takes them", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  a:
    uses: train
    with: { network: edsr, network_options: { block: 3, scale: 3 } }
    inputs: { images: pictures.images }
`);
  assert.equal(
    text,
    `
error: stage "a" has an unknown parameter "network_options.block"
  pipelines/test.yaml:5:47
  5 |     with: { network: edsr, network_options: { block: 3, scale: 3 } }
    |                                               ^^^^^ did you mean "blocks"?
  edsr takes: scale, blocks

error: parameter "network_options.scale" of stage "a" must be 2 or 4
  pipelines/test.yaml:5:64
  5 |     with: { network: edsr, network_options: { block: 3, scale: 3 } }
    |                                                                ^ found 3
`.trimStart(),
  );
});

Deno.test("a module without options takes none", async () => {
  const text = await mistakesIn(`
stages:
  pictures: { uses: source }
  a: { uses: train, with: { network: swinir, network_options: { a: 1 } }, inputs: { images: pictures.images } }
`);
  assert.equal(
    text,
    `
error: stage "a" has an unknown parameter "network_options.a"
  pipelines/test.yaml:3:65
  3 |   a: { uses: train, with: { network: swinir, network_options: { a: 1 } }, inputs: { images: pictures.images } }
    |                                                                 ^
  swinir takes: nothing
`.trimStart(),
  );
});

Deno.test("a path that is not there suggests its neighbour", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
stages:
  a: { uses: source, with: { path: data/birdz } }
  b: { uses: source, with: { path: nowhere/at/all } }
  c: { uses: source, with: { path: data/cars } }
`,
    "data/birds/a.txt": "",
  });
  assert.equal(
    text,
    `
error: parameter "path" of stage "a" names a file or folder that is not there
  pipelines/test.yaml:2:36
  2 |   a: { uses: source, with: { path: data/birdz } }
    |                                    ^^^^^^^^^^ did you mean "data/birds"?
  looked for data/birdz

error: parameter "path" of stage "b" names a file or folder that is not there
  pipelines/test.yaml:3:36
  3 |   b: { uses: source, with: { path: nowhere/at/all } }
    |                                    ^^^^^^^^^^^^^^ there is no folder nowhere/at either
  looked for nowhere/at/all

error: parameter "path" of stage "c" names a file or folder that is not there
  pipelines/test.yaml:4:36
  4 |   c: { uses: source, with: { path: data/cars } }
    |                                    ^^^^^^^^^ not found
  looked for data/cars
`.trimStart(),
  );
});

Deno.test("an unknown stage suggests the nearest", async () => {
  const text = await mistakesIn(`
stages:
  a: { uses: sourec }
  b: { uses: ../stages/source }
`);
  assert.equal(
    text,
    `
error: there is no stage file "stages/sourec.ts"
  pipelines/test.yaml:2:14
  2 |   a: { uses: sourec }
    |              ^^^^^^ did you mean "source"?
  stages: compare, make_lr, source, train

error: there is no stage file "stages/source.ts"
  pipelines/test.yaml:3:14
  3 |   b: { uses: ../stages/source }
    |              ^^^^^^^^^^^^^^^^
  stages: compare, make_lr, source, train
`.trimStart(),
  );
});

Deno.test("a stage that cannot be loaded is named with the reason", async () => {
  const text = await mistakesIn({
    "pipelines/test.yaml": `
stages:
  a: { uses: broken }
  b: { uses: empty }
`,
    "stages/broken.ts": "throw new Error('no luck');",
    "stages/empty.ts": "export const a = 1;",
  });
  assert.equal(
    text,
    `
error: cannot load stages/broken.ts
  pipelines/test.yaml:2:14
  2 |   a: { uses: broken }
    |              ^^^^^^
  no luck

error: stages/empty.ts is not a stage
  pipelines/test.yaml:3:14
  3 |   b: { uses: empty }
    |              ^^^^^
  expected: export default defineStage({ ... })
`.trimStart(),
  );
});
Deno.test("an external path is resolved from the project, and its real path recorded", async () => {
  await using dir = await project({
    "pipelines/test.yaml": "stages:\n  a: { uses: source, with: { path: data/link } }\n",
    "data/birds/a.txt": "",
  });
  await Deno.symlink(`${dir.root}/data/birds`, `${dir.root}/data/link`);
  const [{ params, externals }] = (await dir.load()).stages;
  assert.deepEqual(params, { path: "data/link" });
  assert.deepEqual(externals, [{ at: ["path"], path: `${dir.root}/data/birds` }]);
});

Deno.test("an optional external path may be null", async () => {
  await using dir = await project("stages:\n  a: { uses: source, with: { path: null } }\n");
  const [{ params, externals }] = (await dir.load()).stages;
  assert.deepEqual({ params, externals }, { params: { path: null }, externals: [] });
});

const TRAIN = `
stages:
  pictures: { uses: source }
  a:
    uses: train
    with: { network: edsr, network_options: { blocks: 2 } }
    inputs: { images: pictures.images }
`;

Deno.test("checked options are remembered by module and options", async () => {
  const known = new Map<string, unknown>();
  const asked: string[] = [];
  const memo = {
    get(key: string) {
      asked.push(key);
      return known.get(key);
    },
    set: (key: string, value: unknown) => void known.set(key, value),
  };
  await using dir = await project(TRAIN);
  const [, first] = (await dir.load({ memo })).stages;
  assert.deepEqual(first.params.network_options, { scale: 4, blocks: 2 });
  assert.equal(known.size, 1);

  // What the memo says is believed: nothing is loaded to ask again.
  const [key] = known.keys();
  known.set(key, { scale: 2, blocks: 5 });
  const [, second] = (await dir.load({ memo })).stages;
  assert.deepEqual(second.params.network_options, { scale: 2, blocks: 5 });

  // A changed module is another question.
  await Deno.writeTextFile(`${dir.root}/models/sr/edsr.ts`, "\n", { append: true });
  await dir.load({ memo });
  assert.deepEqual([new Set(asked).size, known.size], [2, 2]);
});

Deno.test("wrong options are not remembered", async () => {
  const known = new Map<string, unknown>();
  await using dir = await project(TRAIN.replace("blocks: 2", "blocks: none"));
  const memo = {
    get: (key: string) => known.get(key),
    set: (key: string, value: unknown) => void known.set(key, value),
  };
  assert.notEqual(await dir.mistakes({ memo }), "");
  assert.equal(known.size, 0);
});
Deno.test("a param that must be given is shown with the way to give it", async () => {
  assert.equal(
    await mistakesIn(`
params: { run: { note: null } }
stages:
  pictures: { uses: source }
  a: { uses: train, with: { note: "\${params.run.note}" }, inputs: { images: pictures.images } }
`),
    `
error: parameter "note" of stage "a" must be text
  pipelines/test.yaml:1:24
  1 | params: { run: { note: null } }
    |                        ^^^^ found null
  give it with --set run.note=VALUE
`.trimStart(),
  );
});
