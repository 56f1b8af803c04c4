/**
 * S from weights to weights for a T that stands still, without labels: what the stage
 * `train_label_free` does. It is not of the paper.
 *
 * @module
 */
import type { ImageBatch } from "../data/batches.ts";
import { Params } from "../nn/params.ts";
import { startBackend } from "../tensor/backend.ts";
import { writeCurves } from "./curves.ts";
import { readDescription, readWeights, writeDescription, writeWeights } from "./model_folder.ts";
import { adamW, sgd } from "./optimizers.ts";
import type { LossWeights } from "./recipe.ts";
import { phase1 } from "./recipes/sr4ir.ts";
import type { Criterion } from "./tdp.ts";
import { type PictureContext, trainOnPictures } from "./train_on_pictures.ts";
import type { SettingModules } from "./train_setting.ts";
import { trainee } from "./trainee.ts";

/** What the stage is handed. */
export interface LabelFreeContext extends Omit<PictureContext, "images"> {
  params: PictureContext["params"] & {
    sr_network: string;
    sr_network_options: Record<string, unknown>;
    weights: Pick<LossWeights, "pixel" | "tdp">;
    tdp_criterion: Criterion;
  };
  inputs: { images: string; sr: string | undefined; task: string };
  outputs: { model: string };
  cpus: number;
}

/** Trains and writes the model folder: the new S, and T as it was. */
export async function trainLabelFree<B extends ImageBatch>(
  context: LabelFreeContext,
  modules: SettingModules<B>,
): Promise<void> {
  const { params, inputs, outputs, cpus } = context;
  await startBackend({ threads: cpus });
  const { seed, scale, degradation, weights } = params;
  const { sr_network, sr_network_options, tdp_criterion: criterion } = params;
  if (modules.srNetwork === undefined) throw new TypeError("Cannot train without an S");

  const p = Params.create(seed, (await readWeights(inputs.sr, "sr")).source);
  const S = trainee(
    modules.srNetwork.build(p, { ...sr_network_options, scale }),
    p,
    (variables) => adamW(variables, { weightDecay: params.optimizer.weight_decay }),
  );
  const { classes, task } = await readDescription(inputs.task);
  const q = Params.create(seed, (await readWeights(inputs.task, "task")).source);
  const T = trainee(
    modules.task.build(q, modules.network, task.options, classes.length),
    q,
    () => sgd([]),
  );

  const curves = await trainOnPictures(S, { ...context, images: inputs.images }, ({ uniform }) => {
    const move = phase1<B>({ S, T, scale, degradation, weights, criterion, uniform });
    return ({ images, sizes }, numbers, chance) =>
      move({ batch: { images, sizes }, tdp: true, numbers: { S: numbers }, chance });
  });

  await writeCurves(outputs.model, curves);
  await writeWeights(outputs.model, "task", T.params);
  await writeWeights(outputs.model, "sr", S.params);
  await writeDescription(outputs.model, {
    setting: "label_free",
    seed,
    scale,
    degradation,
    classes,
    task,
    sr: { network: sr_network, options: sr_network_options },
  });
}
