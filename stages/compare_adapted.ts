/**
 * Asks a task network about pictures that S has enlarged, before and after S was trained for it:
 * numbers that take no labels, and a page.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, moduleIn } from "../runner/stage.ts";
import { degradation, tdpCriterion } from "../ml/train/options.ts";

export default defineStage({
  summary: "Compare S before and after it was trained for a task network, without labels",
  params: z.strictObject({
    title: z.string().default("S for a task network, without labels").describe("Of the page"),
    task: moduleIn("ml/tasks").describe("A file of ml/tasks"),
    answering: moduleIn("ml/predict/tasks").describe("A file of ml/predict/tasks"),
    agreement: moduleIn("ml/predict/agreement")
      .describe("A file of ml/predict/agreement: how far two answers agree"),
    network: moduleIn("models").describe("Task network: a file below models"),
    sr_network: moduleIn("models/sr").describe("A file of models/sr"),
    sr_network_options: z.record(z.string(), z.unknown()).default({}),
    scale: z.literal([2, 4, 8]).default(4).describe("Up-scaling factor"),
    degradation,
    tdp_criterion: tdpCriterion.default("l2").describe("How the features are compared"),
    crop: z.int().positive().nullable().default(null)
      .describe("Side of the middle window that a classifier is shown; whole pictures if null"),
    pictures: z.int().nonnegative().default(6).describe("How many pictures the page shows"),
  }),
  inputs: {
    images: artifact(["images", "*_dataset"]),
    before: artifact(["sr_weights", "weights"]),
    control: artifact("model"),
    adapted: artifact("model"),
  },
  outputs: { comparison: artifact("comparison") },
  compute: true,
  images: true,

  async run({ params, inputs, outputs, report, signal, cpus }) {
    const { listImages } = await import("../ml/data/image_batches.ts");
    const { adaptedHeadline, adaptedMarkdown, adaptedPage, adaptedTable } = await import(
      "../ml/predict/adapted_page.ts"
    );
    const { loadNetwork } = await import("../ml/predict/load_network.ts");
    const { measureAdapted } = await import("../ml/predict/measure_adapted.ts");
    const { startBackend } = await import("../ml/tensor/backend.ts");
    const { readCurves } = await import("../ml/train/curves.ts");
    const { readDescription } = await import("../ml/train/model_folder.ts");

    await startBackend({ threads: cpus });
    const { network, sr_network, sr_network_options, scale } = params;
    const load = (file: string) => import(import.meta.resolve(file));
    const { classes, task: { options } } = await readDescription(inputs.adapted);
    const module = await load(`../models/${network}.ts`);
    const { task } = await load(`../ml/tasks/${params.task}.ts`);
    const { answering } = await load(`../ml/predict/tasks/${params.answering}.ts`);
    const { agreement } = await load(`../ml/predict/agreement/${params.agreement}.ts`);
    const { net } = await loadNetwork(
      `${inputs.adapted}/task.safetensors`,
      network,
      (p) => task.build(p, module, options, classes.length),
    );
    const { build } = await load(`../models/sr/${sr_network}.ts`);
    const enlarger = async (label: string, folder: string) => ({
      label,
      sr: await loadNetwork(
        `${folder}/sr.safetensors`,
        `sr/${sr_network}`,
        (p) => build(p, { ...sr_network_options, scale }),
      ),
    });
    const [control, adapted] = ["S by pixels alone (control)", "S by pixels and what T sees"];
    const { measured, pictures } = await measureAdapted(
      inputs.images,
      [
        { label: "bicubic" },
        await enlarger("S before", inputs.before),
        await enlarger(control, inputs.control),
        await enlarger(adapted, inputs.adapted),
      ],
      { net, answering, agreement, classes },
      {
        ...params,
        criterion: params.tdp_criterion,
        signal,
        onPicture: (done, total) => report.progress(done, total, "pictures"),
      },
    );

    const { length: images } = await listImages(inputs.images);
    const curves = [
      { metrics: { label: control }, curves: await readCurves(inputs.control) },
      { metrics: { label: adapted }, curves: await readCurves(inputs.adapted) },
    ];
    const { title } = params;
    const all = { title, network, agreement, measured, images, pictures, curves };
    const table = adaptedTable(all);
    report.table(table.title, table.columns, table.rows);
    report.log(adaptedHeadline(all));
    const [before, , after] = measured.slice(1);
    report.metric(`${agreement.name} before`, before.agreement);
    report.metric(`${agreement.name} after`, after.agreement);
    const write = (name: string, text: string) =>
      Deno.writeTextFile(`${outputs.comparison}/${name}`, text);
    await write("comparison.json", JSON.stringify(table, null, 2) + "\n");
    await write("comparison.md", adaptedMarkdown(table));
    await write("report.html", await adaptedPage(all));
  },
});
