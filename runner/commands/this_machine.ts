/**
 * What of this machine a run may use: all of it, or what the person says.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { gpusHere, usableGpus } from "../execute/gpus.ts";
import type { Capacity } from "../execute/resources.ts";
import { didYouMean } from "../nearest.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import type { RunCommandOptions } from "./options.ts";

/** @throws {UserError} for GPUs that are not there, and slots that the pipeline does not know */
export function thisMachine(
  { slots: counted = {} }: Pick<Pipeline, "slots">,
  { jobs, gpus, slots = {} }: Pick<RunCommandOptions, "jobs" | "gpus" | "slots">,
): Capacity {
  for (const [name, count] of Object.entries(slots)) {
    if (Object.hasOwn(counted, name)) continue;
    const text = `--slots ${name}=${count}`;
    const hint = didYouMean(name, Object.keys(counted));
    throw new UserError({
      message: `the pipeline has no slots "${name}"`,
      place: { line: 1, column: "--slots ".length + 1, length: name.length, text },
      ...(hint === undefined ? {} : { hint }),
      notes: [`slots: ${Object.keys(counted).join(", ") || "none"}`],
    });
  }
  return {
    cpu: jobs ?? navigator.hardwareConcurrency,
    memory: Deno.systemMemoryInfo().total,
    gpus: usableGpus(gpus, gpusHere()),
    slots: { ...counted, ...slots },
  };
}
