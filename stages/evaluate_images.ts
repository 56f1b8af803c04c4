/**
 * Measures super-resolution alone: pictures are shrunk, enlarged again and compared with themselves.
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
import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Picture } from "../ml/image/picture.ts";
import type { SrNet } from "../ml/nn/contracts.ts";
import { degradation } from "../ml/train/options.ts";

export default defineStage({
  summary: "Measure a super-resolution network, or bicubic enlargement: PSNR, SSIM, LPIPS, NIQE",
  params: z.strictObject({
    set: z.string().min(1).default("pictures").describe("What tables call the pictures"),
    scale: z.int().min(2).max(16).default(4).describe("Down- and up-scaling factor"),
    degradation,
    network: moduleIn("models/sr").nullable().default(null)
      .describe("A file of models/sr; null: bicubic enlargement, as MATLAB's"),
    network_options: z.record(z.string(), z.unknown()).default({}),
    tile: z.int().positive().nullable().default(null).describe(
      "Side of the windows that the network works through pictures in, pixels; null: whole pictures",
    ),
    border: z.int().nonnegative().nullable().default(null)
      .describe("Pixels cut from every side for PSNR, SSIM and NIQE; null: as many as the scale"),
    niqe: z.boolean().default(false)
      .describe("Whether NIQE is measured, too: without the original, 2 blocks of 96x96 at least"),
    lpips: z.enum(["vgg", "alex"]).nullable().default(null)
      .describe("The network that LPIPS compares pictures by; null: it is not measured"),
    lpips_trunk: externalPath().nullable().default(null)
      .describe("LPIPS: torchvision's weights of it, vgg16-….pth or alexnet-….pth"),
    lpips_linear: externalPath().nullable().default(null)
      .describe("LPIPS: the authors' linear layers of version 0.1, vgg.pth or alex.pth"),
    pictures: z.int().nonnegative().default(6)
      .describe("How many pictures to keep for the report: LR, bicubic, SR and HR"),
  }),
  inputs: {
    images: artifact(["images", "*_dataset"]),
    sr: optional(artifact(["sr_weights", "model", "weights"])),
  },
  outputs: { metrics: artifact("image_metrics") },
  compute: true,
  images: true,

  async run({ params, inputs, outputs, cpus, signal, report }) {
    const { basename } = await import("node:path");
    const { listImages } = await import("../ml/data/image_batches.ts");
    const { shrinkAndEnlarge } = await import("../ml/evaluation/restore_picture.ts");
    const { meanScores, scorePicture } = await import("../ml/evaluation/score_picture.ts");
    const { decode, encodePng } = await import("../ml/image/codec.ts");
    const { startBackend } = await import("../ml/tensor/backend.ts");

    await startBackend({ threads: cpus });
    const enlarge = await enlarger(params, inputs.sr, signal);
    const further = { niqe: params.niqe, ...await lpipsOf(params) };
    const { scale, network } = params;
    const border = params.border ?? scale;
    const files = await listImages(inputs.images);
    await Deno.mkdir(`${outputs.metrics}/pictures`);
    const images = [];
    for (const [index, file] of files.entries()) {
      signal.throwIfAborted();
      const name = basename(file);
      const { hr, lr, bicubic } = await shrinkAndEnlarge(await decode(file), name, params);
      const sr = await enlarge?.(lr);
      const scores = await scorePicture(
        { name, shown: sr ?? bicubic, original: hr, border },
        further,
      );
      const versions = { lr, bicubic, ...sr === undefined ? {} : { sr }, hr };
      const pictures: Record<string, string> = {};
      for (const [version, picture] of Object.entries(index < params.pictures ? versions : {})) {
        pictures[version] = `pictures/${index}_${version}.png`;
        await encodePng(picture, `${outputs.metrics}/${pictures[version]}`);
      }
      images.push({ name, width: hr.width, height: hr.height, scores, pictures });
      report.progress(index + 1, files.length, "pictures");
    }

    const means = meanScores(images.map(({ scores }) => scores));
    for (const [name, value] of Object.entries(means)) report.metric(name, value);
    const rows = images.map(({ name, scores }) => [name, ...Object.values(scores)]);
    report.table(
      `${network ?? "bicubic"} ×${scale}, ${params.degradation} degradation`,
      ["picture", ...Object.keys(means)],
      [...rows, ["mean", ...Object.values(means)]].map((row) => row.map(shown)),
    );
    const { set, degradation } = params;
    const all = { set, network, scale, degradation, border, means, images };
    await Deno.writeTextFile(
      `${outputs.metrics}/image_metrics.json`,
      JSON.stringify(all, null, 2) + "\n",
    );
  },
});

/** What of the parameters says how pictures are enlarged. */
interface EnlargerParams {
  scale: number;
  network: string | null;
  network_options: Record<string, unknown>;
  tile: number | null;
}

/** How the network enlarges a picture; undefined without one. */
async function enlarger(
  { scale, network, network_options, tile }: EnlargerParams,
  folder: string | undefined,
  signal: AbortSignal,
): Promise<((lr: Picture) => Promise<Picture>) | undefined> {
  if (network === null && folder === undefined) return undefined;
  if (network === null) {
    throw new StageError('Cannot measure weights of an unknown network; set "network"');
  }
  if (folder === undefined) {
    throw new StageError(`Cannot measure ${network} without weights; connect the input "sr"`);
  }
  const { loadNetwork } = await import("../ml/predict/load_network.ts");
  const { enlargeInTiles, overlapOf } = await import("../ml/predict/tiles.ts");
  const { build, options } = await import(import.meta.resolve(`../models/sr/${network}.ts`));
  const parsed = options.safeParse({ ...network_options, scale });
  if (!parsed.success) {
    throw new StageError(`Cannot build ${network} for scale ${scale}: ${parsed.error.message}`);
  }
  const { net, params } = await loadNetwork<SrNet>(
    `${folder}/sr.safetensors`,
    `sr/${network}`,
    (p) => build(p, parsed.data),
  );
  return async (lr) => {
    const [width, height] = [lr.width * scale, lr.height * scale];
    const side = tile ?? Math.max(lr.width, lr.height);
    const out = await enlargeInTiles(lr, {
      net,
      params,
      scale,
      tiling: { tile: side, ...overlapOf(params) },
      out: new Uint8ClampedArray(width * height * 3),
      signal,
    });
    return { width, height, data: new Uint8Array(out.buffer) };
  };
}

/** What of the parameters says how LPIPS is measured. */
interface LpipsParams {
  lpips: "vgg" | "alex" | null;
  lpips_trunk: string | null;
  lpips_linear: string | null;
}

/** LPIPS of two pictures, if it is asked for. */
async function lpipsOf({ lpips: trunk, lpips_trunk, lpips_linear }: LpipsParams) {
  if (trunk === null) return {};
  if (lpips_trunk === null || lpips_linear === null) {
    throw new StageError(
      'Cannot measure LPIPS without its weights; set "lpips_trunk" to the file of torchvision and ' +
        '"lpips_linear" to that of the authors',
    );
  }
  const { expandDims } = await import("@tensorflow/tfjs-core");
  const { toTensor } = await import("../ml/data/pixels.ts");
  const { loadNetwork } = await import("../ml/predict/load_network.ts");
  const { build } = await import("../models/perceptual/lpips.ts");
  const { net } = await loadNetwork(
    [lpips_linear, lpips_trunk],
    `perceptual/lpips of ${trunk}`,
    (p) => build(p, { trunk }),
    /^(features|lin\d)\./,
  );
  return {
    lpips: async (shown: Picture, original: Picture) => {
      const pair = [shown, original].map((one) => expandDims<Tensor4D>(toTensor(one)));
      const distance = net(pair[0], pair[1]);
      const [value] = await distance.data();
      for (const tensor of [...pair, distance]) tensor.dispose();
      return value;
    },
  };
}

/** A number as the table shows it. */
function shown(cell: string | number | null): string | number | null {
  if (typeof cell !== "number") return cell;
  return Number.isFinite(cell) ? Number(cell.toFixed(4)) : "∞";
}
