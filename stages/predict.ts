/**
 * Shows photos to trained networks: SR pictures, and what the task network finds in them.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, externalPath, moduleIn, StageError } from "../runner/stage.ts";
import { degradation, transform } from "../ml/train/options.ts";

export default defineStage({
  summary: "Enlarge photos by a trained network and say what another finds in them",
  params: z.strictObject({
    photos: z.array(externalPath()).describe("Picture files"),
    names: z.array(z.string()).describe("What the results of each photo are called"),
    scale: z.literal([2, 4, 8]).default(4).describe("Up-scaling factor"),
    sr_weights: externalPath().nullable().default(null).describe("File of S's weights"),
    sr_network: moduleIn("models/sr").nullable().default(null).describe("A file of models/sr"),
    sr_network_options: z.record(z.string(), z.unknown()).default({}),
    task_weights: externalPath().nullable().default(null).describe("File of T's weights"),
    task: moduleIn("ml/tasks").nullable().default(null).describe("A file of ml/tasks"),
    answering: moduleIn("ml/predict/tasks").nullable().default(null)
      .describe("A file of ml/predict/tasks: how the task's results are drawn"),
    network: moduleIn("models").nullable().default(null).describe("T: a file below models"),
    network_options: z.record(z.string(), z.unknown()).default({}),
    classes: z.array(z.string()).default([]).describe("Names, background included"),
    without_sr: z.enum(["bilinear", "none"]).default("bilinear")
      .describe("What T is shown where there is no S"),
    degrade: z.boolean().default(false)
      .describe("Photos are originals: their low-resolution versions are made first"),
    degradation,
    tile: z.int().positive().default(256)
      .describe("Side of the windows that S works through large photos in, pixels"),
    overlap: z.int().nonnegative().nullable().default(null)
      .describe("What neighbouring windows share; null: as far as S reaches"),
    task_side: z.int().positive().default(1333)
      .describe("Longer side of the pictures that T is shown, at most"),
    max_side: z.int().positive().nullable().default(null)
      .describe("Photos with a longer side are shrunk first"),
    transform,
  }),
  inputs: {},
  outputs: { predictions: artifact("predictions") },
  compute: true,
  images: true,

  async run({ params, outputs, report, signal, cpus }) {
    const { startBackend } = await import("../ml/tensor/backend.ts");
    const { loadNetwork } = await import("../ml/predict/load_network.ts");
    const { photoSection, predictionPage } = await import("../ml/predict/page.ts");
    const { checkPhotos, predictPhoto } = await import("../ml/predict/predict_photos.ts");

    const { photos, names, scale, classes, sr_network, network } = params;
    if (photos.length === 0) throw new StageError("Cannot predict: there are no photos");
    if (names.length !== photos.length) {
      throw new StageError(`Cannot call ${photos.length} photos by ${names.length} names`);
    }
    await checkPhotos(photos);
    await startBackend({ threads: cpus });
    const load = (file: string) => import(import.meta.resolve(file));
    const networks: Parameters<typeof predictPhoto>[3] = {};
    if (sr_network !== null && params.sr_weights !== null) {
      const { build, options } = await load(`../models/sr/${sr_network}.ts`);
      const settings = options.parse({ ...params.sr_network_options, scale });
      const name = `sr/${sr_network}`;
      networks.sr = {
        name,
        ...await loadNetwork(params.sr_weights, name, (p) => build(p, settings)),
      };
    }
    if (network !== null && params.task_weights !== null) {
      const module = await load(`../models/${network}.ts`);
      const { task } = await load(`../ml/tasks/${params.task}.ts`);
      const { answering } = await load(`../ml/predict/tasks/${params.answering}.ts`);
      const { net } = await loadNetwork(
        params.task_weights,
        network,
        (p) => task.build(p, module, params.network_options, classes.length),
      );
      networks.task = { name: network, net, answering, classes };
    }

    const sections = [];
    const results = [];
    for (const [i, path] of photos.entries()) {
      const prediction = await predictPhoto(
        { path, name: names[i] },
        outputs.predictions,
        params,
        networks,
        { log: report.log, progress: report.progress, signal },
      );
      sections.push(await photoSection(prediction));
      results.push(prediction.result);
      report.progress(i + 1, photos.length, "photos");
    }
    const about = [networks.sr?.name, networks.task?.name].filter(Boolean).join(", ") +
      `, ×${scale}`;
    const page = predictionPage("Predictions", about, sections);
    await Deno.writeTextFile(`${outputs.predictions}/index.html`, page);
    const json = JSON.stringify({ networks: about, predictions: results }, null, 2);
    await Deno.writeTextFile(`${outputs.predictions}/predictions.json`, json + "\n");
  },
});
