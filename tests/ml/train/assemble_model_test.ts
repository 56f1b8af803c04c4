import assert from "node:assert/strict";
import * as fasterRcnnLight from "../../../models/detection/faster_rcnn_light.ts";
import * as edsr from "../../../models/sr/edsr.ts";
import { assembleModel, type Assembly } from "../../../ml/train/assemble_model.ts";
import { readDescription, readWeights } from "../../../ml/train/model_folder.ts";
import { writeImport } from "../../../ml/weights/import/import_folder.ts";
import { importWeights } from "../../../ml/weights/import/import_weights.ts";
import { writeStateDict } from "../../../ml/weights/write_torch/state_dict.ts";
import { temporaryFolder } from "../data/temporary_folder.ts";
import { declaredBy, filled, into, type NetworkModule } from "../weights/import/filled.ts";

const CLASSES = ["background", "cat", "dog"];
const SETTING: Assembly = {
  setting: "sr4ir",
  scale: 2,
  degradation: "official",
  classes: CLASSES,
};
const S = { scale: 2, blocks: 1, channels: 2 };

/** A folder as the stage `import_weights` makes it. */
async function imports(
  folder: string,
  part: "sr" | "task",
  network: string,
  module: NetworkModule,
  options: Record<string, unknown>,
  missing?: RegExp,
) {
  const tensors = filled(await declaredBy(module, options))
    .filter(({ name }) => !missing?.test(name));
  await writeStateDict(`${folder}/w.pth`, tensors);
  const strict = missing === undefined;
  const imported = await importWeights(
    `${folder}/w.pth`,
    into(network, module, options, { strict }),
  );
  const made = `${folder}/${part}-${missing === undefined}`;
  await Deno.mkdir(made, { recursive: true });
  await writeImport(made, part, network, imported);
  return { made, tensors };
}

const detector = (folder: string, num_classes: number, missing?: RegExp) =>
  imports(
    folder,
    "task",
    "detection/faster_rcnn_light",
    fasterRcnnLight,
    { num_classes },
    missing,
  );

Deno.test("imported weights become a folder like a trained setting's", async () => {
  await using dir = await temporaryFolder();
  const task = await detector(dir.path, 3);
  const sr = await imports(dir.path, "sr", "sr/edsr", edsr, S);
  await Deno.mkdir(`${dir.path}/model`);
  await assembleModel(SETTING, { task: task.made, sr: sr.made }, `${dir.path}/model`);

  const { task: T, sr: found, ...rest } = await readDescription(`${dir.path}/model`);
  assert.deepEqual(rest, SETTING);
  assert.equal(T.network, "detection/faster_rcnn_light");
  assert.equal(T.options.num_classes, 3);
  assert.deepEqual(found, { network: "edsr", options: edsr.options.parse(S) });
  const weights = await readWeights(`${dir.path}/model`, "task");
  assert.deepEqual(weights.tensors, task.tensors);
  const ofS = await readWeights(`${dir.path}/model`, "sr");
  assert.deepEqual(ofS.tensors, sr.tensors);
});

Deno.test("what cannot be measured is refused with its reason", async () => {
  await using dir = await temporaryFolder();
  const { made: task } = await detector(dir.path, 3);
  const { made: sr } = await imports(dir.path, "sr", "sr/edsr", edsr, S);
  const refused = async (
    changes: Partial<Assembly>,
    inputs: { task: string; sr: string | undefined },
    message: string,
  ) =>
    await assert.rejects(assembleModel({ ...SETTING, ...changes }, inputs, dir.path), {
      name: "InputError",
      message,
    });
  await refused(
    { classes: ["background", "cat"] },
    { task, sr },
    "Cannot measure detection/faster_rcnn_light on this dataset: its weights are for 3 classes, " +
      "the dataset has 2: background, cat",
  );
  await refused(
    { scale: 4 },
    { task, sr },
    "Cannot measure at scale 4: the weights of sr/edsr are for scale 2",
  );
  await refused(
    {},
    { task, sr: undefined },
    "Cannot measure the setting sr4ir without weights of a super-resolution network: " +
      "give them too, or choose h2t or l2t",
  );
  await refused(
    { setting: "l2t" },
    { task, sr },
    "Cannot measure the setting l2t with weights of a super-resolution network: " +
      "it has none; leave them out, or choose s2t, t2s, swt or sr4ir",
  );
  await refused(
    {},
    { task: sr, sr },
    "Cannot use the weights of sr as those of task",
  );
  const { made: part } = await detector(dir.path, 3, /^rpn\./);
  await refused(
    {},
    { task: part, sr },
    "Cannot use the weights of task: 6 tensors of detection/faster_rcnn_light are not among " +
      "them; with strict: true the stage import_weights names them",
  );
  await Deno.mkdir(`${dir.path}/unknown`);
  await refused(
    {},
    { task: `${dir.path}/unknown`, sr },
    "Cannot use the weights of task: it is not known of which network they are; " +
      "give the stage import_weights that made them a network",
  );
});
