/**
 * The command line of a stage's process, the same on this machine and on a cluster.
 *
 * @module
 */
import { join } from "node:path";
import type { Job } from "./executor.ts";

/** What the process runs; it loads the stage. */
const CHILD = join(import.meta.dirname!, "child.ts");

/**
 * Arguments of Deno for one stage.
 *
 * @param config the `deno.json` whose import map the stages use
 */
export function stageCommand(
  config: string | undefined,
  { permissions, requestFile }: Pick<Job, "permissions" | "requestFile">,
): string[] {
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-check",
    "--cached-only",
    config === undefined ? "--no-config" : `--config=${config}`,
    ...permissions,
    CHILD,
    requestFile,
  ];
}
