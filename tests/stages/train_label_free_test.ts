import assert from "node:assert/strict";
import { writeImageFolder } from "../../ml/data/embedded.ts";
import { checkpoint, Params } from "../../ml/nn/params.ts";
import { task } from "../../ml/tasks/classification.ts";
import { stream } from "../../ml/tensor/random.ts";
import { readCurves } from "../../ml/train/curves.ts";
import { readDescription, writeDescription, writeWeights } from "../../ml/train/model_folder.ts";
import { readSafetensors } from "../../ml/weights/safetensors.ts";
import * as resnet from "../../models/classification/resnet_light.ts";
import * as edsr from "../../models/sr/edsr_light.ts";
import stage from "../../stages/train_label_free.ts";
import { temporaryFolder } from "../ml/data/temporary_folder.ts";
import { testWithBackend } from "../helpers/with_backend.ts";
import { fakeContext } from "./fake_context.ts";

const CLASSES = ["A", "H", "M"];
const SR_OPTIONS = edsr.options.parse({ scale: 4 });

/** A few pictures, and a task network that was never trained. */
async function inputs(folder: string) {
  const [images, model] = [`${folder}/images`, `${folder}/model`];
  await writeImageFolder(images, {
    count: 4,
    rngOf: (i) => stream(1, "embedded", "pool", i),
    signal: new AbortController().signal,
    onPicture: () => {},
  });
  await Deno.mkdir(model);
  const p = Params.create(5);
  task.build(p, resnet, {}, CLASSES.length);
  await writeWeights(model, "task", p);
  await writeDescription(model, {
    setting: "h2t",
    seed: 5,
    scale: 4,
    degradation: "official",
    classes: CLASSES,
    task: { network: "classification/resnet_light", options: {} },
  });
  return { images, task: model, sr: undefined };
}

testWithBackend("S learns from pictures alone; T is handed on as it was", async () => {
  await using dir = await temporaryFolder();
  const { told, context } = await fakeContext(dir.path, (at) => ({ model: at("model") }));
  const given = await inputs(dir.path);
  const entries = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  assert.deepEqual([entries(given.images), entries(`${given.images}/images`)], [
    ["images"],
    ["0.png", "1.png", "2.png", "3.png"],
  ]);
  const params = stage.params.parse({
    task: "classification",
    network: "classification/resnet_light",
    sr_network: "edsr_light",
    sr_network_options: SR_OPTIONS,
    seed: 3,
    epochs: 2,
    batch_size: 2,
    optimizer: { lr: 1e-3 },
  });
  await stage.run({ ...context, inputs: given, params });

  const { model } = context.outputs;
  assert.deepEqual(await readDescription(model), {
    setting: "label_free",
    seed: 3,
    scale: 4,
    degradation: "official",
    classes: CLASSES,
    task: { network: "classification/resnet_light", options: {} },
    sr: { network: "edsr_light", options: SR_OPTIONS },
  });
  const tensors = async (file: string) => (await readSafetensors(file)).tensors;
  const byName = (list: Awaited<ReturnType<typeof tensors>>) =>
    Object.fromEntries(list.map(({ name, data }) => [name, data]));
  assert.deepEqual(
    byName(await tensors(`${model}/task.safetensors`)),
    byName(await tensors(`${given.task}/task.safetensors`)),
  );

  const untrained = Params.create(3, checkpoint([]));
  edsr.build(untrained, SR_OPTIONS);
  const [before, after] = [await untrained.snapshot(), await tensors(`${model}/sr.safetensors`)];
  const start = byName(before);
  const moved = after.filter(({ name, data }) => data.some((x, i) => x !== start[name][i]));
  assert.equal(moved.length, untrained.trained().length); // all but what is fixed: means

  const curves = await readCurves(model);
  assert.deepEqual(Object.keys(curves).sort(), ["pixel", "tdp"]);
  assert.deepEqual(told.log, ["4 images, 4 iterations, 22 tensors"]);
});
