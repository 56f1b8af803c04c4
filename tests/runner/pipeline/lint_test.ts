import assert from "node:assert/strict";
import { lintFile } from "../../../runner/pipeline/lint.ts";
import { project } from "./project.ts";

const PIPELINE = `
params: { epochs: 3, name: edsr }
profiles:
  good: { epochs: 4 }
  bad: { name: esdr }
stages:
  source: { uses: source, with: { nothing: 1 } }
  lr: { uses: make_lr, inputs: { hr: source.images } }
  train:
    uses: train
    with: { method: h2t, epochs: "\${params.epochs}", network: "\${params.name}" }
    inputs: { images: lr.lr, init: null }
`;

Deno.test("lintFile() finds the mistakes of all profiles, each once", async () => {
  await using dir = await project(PIPELINE);
  const file = `${dir.root}/pipelines/test.yaml`;
  const { profiles, mistakes } = await lintFile(file, { root: dir.root });
  assert.deepEqual(profiles, ["default", "good", "bad"]);
  const [unknown, network] = mistakes;
  assert.equal(mistakes.length, 2);
  assert.equal(unknown.message, 'stage "source" has an unknown parameter "nothing"');
  assert.match(network.message, /"train" names no module of models\/sr$/);
  assert.equal(network.notes?.at(-1), 'with the profile "bad"');

  const one = await lintFile(file, { root: dir.root, profile: "good" });
  assert.deepEqual([one.profiles, one.mistakes.length], [["good"], 1]);
});

Deno.test("lintFile() says why a file cannot be read", async () => {
  await using dir = await project("stages: [");
  const { profiles, mistakes } = await lintFile(`${dir.root}/pipelines/test.yaml`, {
    root: dir.root,
  });
  assert.deepEqual(profiles, ["default"]);
  assert.equal(mistakes.length, 1);
});
