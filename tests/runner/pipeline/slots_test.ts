/**
 * Slots: what stages share besides processors, memory and GPUs.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mistakesIn, project } from "./project.ts";

Deno.test("a slot that the pipeline does not count, and a count that is none", async () => {
  assert.equal(
    await mistakesIn(`
slots: { disk: 2, net: "\${params.n}" }
params: { n: 0 }
stages:
  a: { uses: source, resources: { slots: { dsik: 1 } } }
  b: { uses: source, resources: { slots: { net: 1 }, memory: [2GiB, 1GiB] } }
`),
    `
error: "slots.net" must be a whole number from 1
  pipelines/test.yaml:2:14
  2 | params: { n: 0 }
    |              ^ found 0

error: stage "a" takes a slot "dsik", which the pipeline does not count
  pipelines/test.yaml:4:44
  4 |   a: { uses: source, resources: { slots: { dsik: 1 } } }
    |                                            ^^^^ did you mean "disk"?
  say how many there are, at the top of the file: slots: { dsik: 1 }

error: "resources.memory" of stage "b" must be a size such as 2GiB, or a list of rising sizes
  pipelines/test.yaml:5:62
  5 |   b: { uses: source, resources: { slots: { net: 1 }, memory: [2GiB, 1GiB] } }
    |                                                              ^^^^^^^^^^^^ found a list
`.trimStart(),
  );
});

Deno.test("of pipelines that run together the most careful count holds, unless the outer says one", async () => {
  const part = (disk: number) =>
    `slots: { disk: ${disk}, net: ${disk} }\nstages: { a: { uses: source } }\n`;
  await using dir = await project({
    "pipelines/test.yaml": `
slots: { net: 9 }
include: { one: { pipeline: one.yaml }, two: { pipeline: two.yaml } }
`,
    "pipelines/one.yaml": part(3),
    "pipelines/two.yaml": part(2),
  });
  assert.deepEqual((await dir.load()).slots, { disk: 2, net: 9 });
});
