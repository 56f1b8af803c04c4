/**
 * Takes weights from a file on this machine, to start a training from them.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, externalPath } from "../runner/stage.ts";

export default defineStage({
  summary: "Take the weights of a network from a .safetensors file",
  params: z.strictObject({
    file: externalPath().describe("A .safetensors file with PyTorch's names and layouts"),
    part: z.enum(["sr", "task"]).describe("Which network they are for"),
  }),
  inputs: {},
  outputs: { weights: artifact("weights") },

  async run({ params, outputs, report }) {
    const { readSafetensors } = await import("../ml/weights/safetensors.ts");
    const { tensors } = await readSafetensors(params.file);
    const count = tensors.reduce((sum, { data }) => sum + data.length, 0);
    report.log(`${tensors.length} tensors, ${count} numbers`);
    await Deno.copyFile(params.file, `${outputs.weights}/${params.part}.safetensors`);
  },
});
