/**
 * Measures what a network costs at one size of images.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, moduleIn, StageError } from "../runner/stage.ts";

const side = z.int().positive();

export default defineStage({
  summary: "Measure a network: parameters, multiply-accumulates, memory, latency",
  params: z.strictObject({
    role: moduleIn("ml/cost/roles").describe("What the network is for: a file of ml/cost/roles"),
    network: moduleIn("models").describe("A file below models, of the role's folder"),
    network_options: z.record(z.string(), z.unknown()).default({}),
    label: z.string().min(1).nullable().default(null)
      .describe("How tables call it; the network's name by default"),
    size: z.union([side, z.tuple([side, side])]).default(480).describe(
      "Of images as the task sees them, pixels: a side, or height and width; a super-resolution " +
        "network is shown smaller ones",
    ),
    classes: z.int().min(2).default(21).describe("Classes, background included"),
    seed: z.int().nonnegative().default(1).describe("Decides the random weights and image"),
    warm_up: z.int().nonnegative().default(1).describe("Passes before those that are timed"),
    passes: z.int().positive().default(5).describe("Passes that are timed"),
  }),
  inputs: {},
  outputs: { cost: artifact("cost") },
  compute: true,

  async run({ params, outputs, cpus, report }) {
    const { totalMacs, writeCost } = await import("../ml/cost/cost.ts");
    const { measureCost } = await import("../ml/cost/measure_cost.ts");
    const { startBackend } = await import("../ml/tensor/backend.ts");

    const { network, role, seed, classes, size } = params;
    if (!network.startsWith(`${role}/`)) {
      throw new StageError(
        `Cannot measure ${network} in the role "${role}": expected a network of models/${role}; ` +
          `change role or network`,
      );
    }
    const backend = await startBackend({ threads: cpus });
    const load = (file: string) => import(import.meta.resolve(file));
    const whole: [number, number] = typeof size === "number" ? [size, size] : size;
    const measured = await measureCost({
      role: (await load(`../ml/cost/roles/${role}.ts`)).role,
      module: await load(`../models/${network}.ts`),
      options: params.network_options,
      size: whole,
      classes,
      seed,
      warmUp: params.warm_up,
      passes: params.passes,
      onPass: (done, total) => report.progress(done, total, "passes"),
    });
    const cost = {
      label: params.label ?? network,
      network,
      options: params.network_options,
      size: whole,
      ...measured,
      backend,
      threads: backend === "tensorflow" ? cpus : 1,
    };
    report.metric("parameters", cost.parameters.trained + cost.parameters.frozen);
    report.metric("GMACs", totalMacs(cost) / 1e9);
    report.metric("median ms", cost.latency.median);
    await writeCost(outputs.cost, cost);
  },
});
