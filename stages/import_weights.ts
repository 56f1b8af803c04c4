/**
 * Takes weights from a checkpoint, on this machine, on the web or of another stage: to start a
 * training from them, or to measure them.
 *
 * @module
 */
import { z } from "zod";
import {
  artifact,
  defineStage,
  externalPath,
  moduleIn,
  optional,
  StageError,
} from "../runner/stage.ts";

export default defineStage({
  summary: "Take the weights of a network from a checkpoint: .pth, .pt, .safetensors or .npz",
  params: z.strictObject({
    file: externalPath().nullable().default(null).describe("A checkpoint on this machine"),
    url: z.url({ protocol: /^https?$/ }).nullable().default(null)
      .describe("Where a checkpoint is; needs sha256"),
    sha256: z.string().regex(/^[0-9a-f]{8,64}$/i, "8 to 64 hexadecimal digits").nullable()
      .default(null)
      .describe("Of the checkpoint: all digits, or the first as PyTorch's file names have them"),
    part: z.enum(["sr", "task"]).describe("Which network they are for"),
    network: moduleIn("models").optional()
      .describe(
        "A file below models, whose names are looked for; without it all is taken as it is",
      ),
    network_options: z.record(z.string(), z.unknown()).default({}),
    scale: z.literal([2, 4, 8]).nullable().default(null)
      .describe("Of a super-resolution network; in place of network_options.scale"),
    classes: z.enum(["options", "file"]).default("options")
      .describe("file: as many as the checkpoint's last layer has"),
    key: z.string().nullable().default(null)
      .describe("Which weights of several: keys joined by /, such as params_ema or net/sr"),
    strict: z.boolean().default(false)
      .describe("Everything must fit: else what is missing is left to chance, and said"),
  }),
  inputs: {
    from: optional(artifact(["archive", "weights", "sr_weights", "backbone", "model"])),
  },
  outputs: { weights: artifact("weights") },
  net: ({ url }) => url === null ? [] : [new URL(url).host],

  async run({ params, inputs, outputs, scratch, report, signal }) {
    const { findCheckpoint } = await import("../ml/data/find_checkpoint.ts");
    const { importAsNamed, importWeights } = await import("../ml/weights/import/import_weights.ts");
    const { weightsFile, writeImport } = await import("../ml/weights/import/import_folder.ts");

    const { part, network, key } = params;
    const log = (line: string) => report.log(line);
    const checkpoint = await findCheckpoint({ ...params, from: inputs.from }, {
      scratch,
      signal,
      log,
      onProgress: (done, total) => report.progress(done, total ?? done, "bytes"),
    });
    if (network === undefined) {
      const { writeSafetensors } = await import("../ml/weights/safetensors.ts");
      await writeSafetensors(
        weightsFile(outputs.weights, part),
        await importAsNamed(checkpoint.path, { key, log }, checkpoint.shown),
      );
      return;
    }
    const { scale, classes, strict, network_options } = params;
    const { build } = await import(import.meta.resolve(`../models/${network}.ts`));
    if (typeof build !== "function") {
      throw new StageError(
        `Cannot import into ${network}: models/${network}.ts is a part of networks, not one; ` +
          "choose a file that exports build",
      );
    }
    const options = scale === null ? network_options : { ...network_options, scale };
    const imported = await importWeights(
      checkpoint.path,
      { key, network, build, options, classes, strict, log },
      checkpoint.shown,
    );
    await writeImport(outputs.weights, part, network, imported);
  },
});
