/**
 * What a network costs at one size, as a file holds it.
 *
 * @module
 */
import { z } from "zod";

const count = z.int().nonnegative();
const size = z.tuple([z.int().positive(), z.int().positive()]);

const cost = z.strictObject({
  /** How tables call it. */
  label: z.string(),
  /** A file below `models`. */
  network: z.string(),
  /** Its own, with defaults. */
  options: z.record(z.string(), z.unknown()),
  /** Of the images as the task sees them, height and width, pixels. */
  size,
  /** Of the images that the network is shown: smaller by the scale where it enlarges. */
  input: size,
  parameters: z.strictObject({
    trained: count,
    /** Could be trained, and is not. */
    frozen: count,
    /** Running statistics, fixed shifts, masks. */
    buffer: count,
  }),
  /** Multiply-accumulates of one pass with one image. */
  macs: z.strictObject({ convolutions: count, depthwise: count, products: count }),
  /** Tensors at the fullest moment of the pass, parameters included, bytes. */
  peakBytes: count,
  /** Of one pass, milliseconds. */
  latency: z.strictObject({ median: z.number(), best: z.number(), passes: count }),
  /** What has computed. */
  backend: z.string(),
  /** Threads inside one operation. */
  threads: z.int().positive(),
});

/** What one network costs at one size. */
export type Cost = z.infer<typeof cost>;

const FILE = "cost.json";

/** Writes it into a folder. */
export async function writeCost(folder: string, cost: Cost): Promise<void> {
  await Deno.writeTextFile(`${folder}/${FILE}`, JSON.stringify(cost, null, 2) + "\n");
}

/** Reads what {@link writeCost} has written. */
export async function readCost(folder: string): Promise<Cost> {
  return cost.parse(JSON.parse(await Deno.readTextFile(`${folder}/${FILE}`)));
}

/** All multiply-accumulates. */
export function totalMacs({ macs }: Cost): number {
  return macs.convolutions + macs.depthwise + macs.products;
}
