/**
 * What the runner's commands want to know of the place they run in, for programs beside them.
 *
 * @module
 */
import { dirname } from "node:path";
import pico from "picocolors";
import type { Surroundings } from "../../runner/commands/options.ts";

/** The project that this file belongs to, or the one that `SR4IR_ROOT` names. */
export function surroundings(): Surroundings {
  const root = Deno.env.get("SR4IR_ROOT") ?? dirname(dirname(import.meta.dirname!));
  return {
    root: Deno.realPathSync(root),
    colors: pico.createColors(!Deno.noColor && Deno.stderr.isTerminal()),
    tensors: () => import("../../ml/tensor/runtime.ts"),
  };
}
