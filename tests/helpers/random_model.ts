/**
 * A model folder of networks that were never trained, for what uses trained ones.
 *
 * @module
 */
import { Params } from "../../ml/nn/params.ts";
import { task as classification } from "../../ml/tasks/classification.ts";
import { task as detection } from "../../ml/tasks/detection.ts";
import { task as segmentation } from "../../ml/tasks/segmentation.ts";
import { writeDescription, writeWeights } from "../../ml/train/model_folder.ts";
import * as resnet from "../../models/classification/resnet_light.ts";
import * as detector from "../../models/detection/faster_rcnn_light.ts";
import * as deeplab from "../../models/segmentation/deeplab_v3_light.ts";
import * as edsr from "../../models/sr/edsr_light.ts";

/** Of each model, background included. */
export const CLASSES = ["background", "cat", "dog"];

/** The light network of each task. */
const TASKS = {
  classification: { task: classification, name: "resnet_light", module: resnet },
  detection: { task: detection, name: "faster_rcnn_light", module: detector },
  segmentation: { task: segmentation, name: "deeplab_v3_light", module: deeplab },
};

/** Writes the folder: T of the task, and unless `sr` is false an S for scale 4. */
export async function randomModel(
  folder: string,
  kind: keyof typeof TASKS,
  { sr = true } = {},
): Promise<void> {
  Deno.mkdirSync(folder, { recursive: true });
  const { task, name, module } = TASKS[kind];
  const [S, T] = [Params.create(1), Params.create(2)];
  const options = edsr.options.parse({ scale: 4, blocks: 1, channels: 4 });
  edsr.build(S, options);
  const taskOptions = module.options.parse({});
  task.build(T, module, taskOptions, CLASSES.length);
  if (sr) await writeWeights(folder, "sr", S);
  await writeWeights(folder, "task", T);
  await writeDescription(folder, {
    setting: sr ? "sr4ir" : "h2t",
    seed: 1,
    scale: 4,
    degradation: "official",
    classes: CLASSES,
    task: { network: `${kind}/${name}`, options: taskOptions },
    ...sr && { sr: { network: "edsr_light", options } },
  });
  S.dispose();
  T.dispose();
}
