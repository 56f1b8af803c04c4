/**
 * Trained networks by the names that people give them.
 *
 * @module
 */
import assert from "node:assert/strict";
import pico from "picocolors";
import { UserError } from "../../runner/diagnostic.ts";
import { findTrained, type TrainedOptions } from "../../tools/shared/trained.ts";
import { testFolder } from "../helpers/folder.ts";
import { type Project, project } from "../helpers/project.ts";

/** Stages that write what trainings write, without training. */
const FILES = {
  "stages/train.ts": `
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

export default defineStage({
  summary: "Writes a model folder",
  params: z.strictObject({
    setting: z.string(),
    transform: z.strictObject({ resize: z.int().nullable(), crop: z.int().nullable() })
      .default({ resize: null, crop: null }),
  }),
  inputs: {},
  outputs: { model: artifact("model") },
  async run({ params, outputs }) {
    const model = {
      setting: params.setting,
      degradation: "matlab",
      scale: 4,
      classes: ["background", "cat"],
      task: { network: "detection/faster_rcnn_light", options: { anchor_sizes: [7] } },
      ...params.setting === "l2t" ? {} : { sr: { network: "edsr", options: { blocks: 2 } } },
    };
    await Deno.writeTextFile(outputs.model + "/model.json", JSON.stringify(model));
  },
});
`,
  "stages/train_sr.ts": `
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

export default defineStage({
  summary: "Writes a file of weights",
  params: z.strictObject({
    network: z.string(),
    network_options: z.record(z.string(), z.unknown()).default({}),
    scale: z.int().default(4),
  }),
  inputs: {},
  outputs: { weights: artifact("sr_weights") },
  async run({ outputs }) {
    await Deno.writeTextFile(outputs.weights + "/sr.safetensors", "weights");
  },
});
`,
  "stages/other.ts": `
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

export default defineStage({
  summary: "Writes something else",
  params: z.strictObject({}),
  inputs: {},
  outputs: { text: artifact("text") },
  async run({ outputs }) {
    await Deno.writeTextFile(outputs.text + "/text.txt", "hello");
  },
});
`,
  "pipelines/all.yaml": `
stages:
  sr: { uses: train_sr, with: { network: edsr, scale: 2, network_options: { blocks: 3 } } }
  l2t: { uses: train, with: { setting: l2t, transform: { resize: 9, crop: 8 } } }
  sr4ir: { uses: train, with: { setting: sr4ir } }
`,
  "pipelines/two.yaml": `
stages:
  a: { uses: train, with: { setting: s2t } }
  b: { uses: train, with: { setting: l2t } }
`,
  "pipelines/pixels.yaml": `
stages:
  sr: { uses: train_sr, with: { network: edsr } }
`,
  "pipelines/other.yaml": `
stages:
  other: { uses: other }
`,
};

async function projectWith(...pipelines: string[]): Promise<Project> {
  const dir = await project(FILES);
  for (const name of pipelines) {
    const { code, stderr } = await dir.run("run", `pipelines/${name}.yaml`);
    assert.equal(code, 0, stderr);
  }
  return dir;
}

function find(dir: Project, name: string, options: Partial<TrainedOptions> = {}) {
  return findTrained(name, { backend: "wasm", store: dir.path(".store"), ...options }, {
    root: dir.folder,
    colors: pico.createColors(false),
    tensors: () => Promise.reject(new Error("no stage computes")),
  });
}

/** What is said of a name that stands for nothing. */
async function complaint(found: Promise<unknown>) {
  const error = await found.then(() => undefined, (error) => error);
  assert.ok(error instanceof UserError, String(error));
  const [{ message, notes = [], hint }] = error.diagnostics;
  return { message, notes, ...hint === undefined ? {} : { hint } };
}

Deno.test("a run stands for its SR4IR model, with all that is known of both networks", async () => {
  await using dir = await projectWith("all");
  const { path, ...trained } = await find(dir, "last");
  const run = trained.name.split(":")[0];
  assert.deepEqual(trained, {
    name: `${run}:sr4ir.model`,
    setting: "sr4ir",
    degradation: "matlab",
    transform: { resize: null, crop: null },
    scale: 4,
    classes: ["background", "cat"],
    sr: {
      network: "sr/edsr",
      options: { blocks: 2, scale: 4 },
      file: `${path}/sr.safetensors`,
    },
    task: {
      network: "detection/faster_rcnn_light",
      kind: "detection",
      options: { anchor_sizes: [7] },
      file: `${path}/task.safetensors`,
    },
  });
  assert.match(run, /^\d{8}-/);
});

Deno.test("last is the last run that has trained something", async () => {
  await using dir = await projectWith("all", "other");
  assert.match((await find(dir, "last")).name, /:sr4ir\.model$/);
  assert.equal((await find(dir, "last:l2t.model")).setting, "l2t");
});

Deno.test("a stage of a run, a pipeline and a folder are found too", async () => {
  await using dir = await projectWith("all");
  const stage = await find(dir, "last:l2t.model");
  assert.deepEqual([stage.setting, stage.transform, stage.sr], [
    "l2t",
    { resize: 9, crop: 8 },
    undefined,
  ]);
  const pipeline = await find(dir, dir.path("pipelines/all.yaml"));
  assert.equal(pipeline.setting, "sr4ir");
  const folder = await find(dir, stage.path);
  assert.deepEqual([folder.setting, folder.transform], ["l2t", undefined]);
});

Deno.test("of S alone the record says which network it is", async () => {
  await using dir = await projectWith("all");
  const { path, ...trained } = await find(dir, "last:sr.weights");
  assert.deepEqual(trained, {
    name: "last:sr.weights",
    scale: 2,
    classes: [],
    sr: {
      network: "sr/edsr",
      options: { blocks: 3, scale: 2 },
      file: `${path}/sr.safetensors`,
    },
  });
});

Deno.test("a run that has trained S alone stands for it", async () => {
  await using dir = await projectWith("pixels");
  assert.equal((await find(dir, "last")).sr?.network, "sr/edsr");
});

Deno.test("a run with several models and no SR4IR lists them", async () => {
  await using dir = await projectWith("two");
  const file = dir.path("pipelines/two.yaml");
  assert.deepEqual(await complaint(find(dir, file)), {
    message: `${file} has 2 trained networks that may be meant`,
    notes: ["name one of them:", `${file}:a.model`, `${file}:b.model`],
  });
});

Deno.test("what holds no network is refused by what it is", async () => {
  await using dir = await projectWith("other");
  assert.deepEqual(await complaint(find(dir, "last:other.text")), {
    message: "last:other.text holds no trained network",
    notes: ["it is text of stage other (other)"],
  });
  const { message, notes } = await complaint(find(dir, "last"));
  assert.equal(message, `last has no trained network in the store ${dir.path(".store")}`);
  assert.equal(notes[0], "expected one of");
});

Deno.test("an unknown run is answered with what may be asked for", async () => {
  await using dir = await projectWith("all");
  const { message, notes } = await complaint(find(dir, "lats"));
  assert.equal(message, 'there is no run "lats"');
  assert.equal(notes[0], "expected one of");
});

Deno.test("asking where nothing was run makes no store", async () => {
  await using dir = await project({});
  const { message } = await complaint(find(dir, "last"));
  assert.match(message, /^there is no run "last": nothing was run yet/);
  assert.throws(() => Deno.statSync(dir.path(".store")), Deno.errors.NotFound);
});

Deno.test("a file of weights takes its network from the options", async () => {
  await using dir = await project({
    "models/sr/edsr.ts": "",
    "models/detection/faster_rcnn.ts": "",
  });
  using folder = testFolder({ "x.pth": "" });
  const file = `${folder.path}/x.pth`;
  const sr = await find(dir, file, { network: "sr/edsr", scale: 2 });
  assert.deepEqual(sr.sr, { network: "sr/edsr", options: { scale: 2 }, file });
  assert.equal(sr.scale, 2);
  const task = await find(dir, file, { network: "detection/faster_rcnn" });
  assert.equal(task.task?.kind, "detection");
  assert.equal(
    (await complaint(find(dir, file))).message,
    `${file} does not say which network it is for`,
  );
  assert.deepEqual(await complaint(find(dir, file, { network: "sr/esdr" })), {
    message: "there is no network sr/esdr",
    hint: 'did you mean "sr/edsr"?',
    notes: ["models has: detection/faster_rcnn, sr/edsr"],
  });
});

Deno.test("a model.json that no training has written is refused", async () => {
  await using dir = await project({});
  using folder = testFolder({ "model.json": '{ "scale": 4 }' });
  const { message } = await complaint(find(dir, folder.path));
  assert.equal(
    message,
    `Cannot read ${folder.path}/model.json: it is not what a training writes`,
  );
});
