import assert from "node:assert/strict";
import { Params } from "../../ml/nn/params.ts";
import { task } from "../../ml/tasks/classification.ts";
import { readDescription } from "../../ml/train/model_folder.ts";
import { writeSafetensors } from "../../ml/weights/safetensors.ts";
import * as resnet from "../../models/classification/resnet_light.ts";
import importStage from "../../stages/import_weights.ts";
import stage from "../../stages/task_model.ts";
import { temporaryFolder } from "../ml/data/temporary_folder.ts";
import { testWithBackend } from "../helpers/with_backend.ts";
import { fakeContext } from "./fake_context.ts";

/** Weights of a classifier of three classes, as the stage `import_weights` takes them in. */
async function imported(folder: string): Promise<string> {
  const p = Params.create(5);
  task.build(p, resnet, {}, 3);
  const file = `${folder}/T.safetensors`;
  await writeSafetensors(file, await p.snapshot());
  p.dispose();
  const { context } = await fakeContext(`${folder}/import`, (at) => ({ weights: at("weights") }));
  await importStage.run({
    ...context,
    inputs: { from: undefined },
    params: importStage.params.parse({
      file,
      part: "task",
      network: "classification/resnet_light",
      network_options: resnet.options.parse({}),
      classes: "file",
      strict: true,
    }),
  });
  return context.outputs.weights;
}

/** The model's description. */
async function described(folder: string, params: Record<string, unknown>) {
  const weights = await imported(folder);
  const { context } = await fakeContext(`${folder}/model`, (at) => ({ model: at("model") }));
  await stage.run({
    ...context,
    inputs: { weights },
    params: stage.params.parse({ task: "classification", ...params }),
  });
  const { model } = context.outputs;
  assert.deepEqual(
    await Deno.readFile(`${model}/task.safetensors`),
    await Deno.readFile(`${weights}/task.safetensors`),
  );
  return await readDescription(model);
}

testWithBackend("imported weights become a model with the names of its classes", async () => {
  await using dir = await temporaryFolder();
  const { classes, task, setting, scale, sr } = await described(dir.path, {
    classes: ["ant", "bee", "cat"],
    scale: 2,
  });
  assert.deepEqual(classes, ["ant", "bee", "cat"]);
  assert.equal(task.network, "classification/resnet_light");
  assert.equal(task.options.num_classes, 3);
  assert.deepEqual([setting, scale, sr], ["h2t", 2, undefined]);
});

testWithBackend("without names classes are numbered", async () => {
  await using dir = await temporaryFolder();
  const { classes } = await described(dir.path, {});
  assert.deepEqual(classes, ["class 0", "class 1", "class 2"]);
});

testWithBackend("names for other classes are refused", async () => {
  await using dir = await temporaryFolder();
  await assert.rejects(described(dir.path, { classes: ["ant", "bee"] }), {
    name: "InputError",
    message: "Cannot name the classes of classification/resnet_light: its weights are for 3, but " +
      "there are 2 names: ant, bee; give one for each, background included where the task has it, " +
      "or none",
  });
});

testWithBackend("a network of another task is refused", async () => {
  await using dir = await temporaryFolder();
  await assert.rejects(described(dir.path, { task: "detection" }), {
    name: "InputError",
    message:
      "Cannot use classification/resnet_light for detection: it is for classification; set " +
      "the task to that, or choose a network of models/detection",
  });
});
