/**
 * Writes a trained network as a file that other programs read.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, externalPath, moduleIn, StageError } from "../runner/stage.ts";

export default defineStage({
  summary: "Write a network for other programs: ONNX, PyTorch's .pth, safetensors",
  params: z.strictObject({
    weights: externalPath().nullable().default(null)
      .describe("File of its weights: .safetensors or .pth"),
    network: moduleIn("models").nullable().default(null).describe("A file below models"),
    network_options: z.record(z.string(), z.unknown()).default({})
      .describe("What it was built with"),
    format: z.enum(["onnx", "pth", "safetensors"]).describe("What is written"),
    size: z.tuple([z.int().positive(), z.int().positive()]).default([64, 64])
      .describe("onnx: height and width of the pictures where they cannot vary, pixels"),
    classes: z.array(z.string()).default([]).describe("Names of the classes, for the file's notes"),
  }),
  inputs: {},
  outputs: { exported: artifact("exported_network") },
  compute: true,

  async run({ params, outputs, report, cpus }) {
    const { loadNetwork } = await import("../ml/predict/load_network.ts");
    const { startBackend } = await import("../ml/tensor/backend.ts");
    const { exportNetwork } = await import("../ml/weights/export_network.ts");

    const { weights, network, format } = params;
    if (weights === null || network === null) {
      throw new StageError("Cannot write a network: weights and network must both be given");
    }
    await startBackend({ threads: cpus });
    const { build, options } = await import(import.meta.resolve(`../models/${network}.ts`));
    const parsed = options.safeParse(params.network_options);
    if (!parsed.success) {
      throw new StageError(`Cannot build ${network}: ${z.prettifyError(parsed.error)}`);
    }
    const loaded = await loadNetwork(weights, network, (p) => build(p, parsed.data));
    const description = await exportNetwork(`${outputs.exported}/network.${format}`, {
      ...loaded,
      format,
      kind: network.split("/")[0],
      sample: [...params.size, 3],
      metadata: {
        network,
        options: JSON.stringify(parsed.data),
        ...params.classes.length > 0 && { classes: JSON.stringify(params.classes) },
      },
    });
    const text = JSON.stringify({ network, ...description }, null, 2);
    await Deno.writeTextFile(`${outputs.exported}/network.json`, text + "\n");
    for (const line of description.notes) report.log(line);
  },
});
