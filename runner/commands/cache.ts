/**
 * The part of the command line that deals with stored results: `cache push`, `cache pull`.
 *
 * @module
 */
import type { Command } from "commander";
import type { PlanOptions, Surroundings } from "./options.ts";

/** What the commands are declared with. */
export interface DeclaringCache {
  /** Adds the options that say which stages of a pipeline, and which caches, are meant. */
  planOptions: (command: Command) => Command;
  setExitCode: (code: number) => void;
  surroundings: () => Surroundings;
}

/** Adds the commands to the program. */
export function declareCache(
  program: Command,
  { planOptions, setExitCode, surroundings }: DeclaringCache,
): void {
  const cache = program.command("cache")
    .description("Deal with stored results")
    .helpCommand(false);

  planOptions(cache.command("push"))
    .description("Give results to the remote cache")
    .argument("<file|all>", "pipeline whose results are given, or all that the store has")
    .addHelpText("after", PUSH_HELP)
    .action(async (what: string, options: PlanOptions) => {
      const { cachePushCommand } = await import("./cache_push.ts");
      setExitCode(await cachePushCommand(what, options, surroundings()));
    });

  planOptions(cache.command("pull"))
    .description("Fetch the results of a pipeline that the remote cache has")
    .argument("<file>", "pipeline file, e.g. pipelines/det_coco.yaml")
    .addHelpText("after", PULL_HELP)
    .action(async (file: string, options: PlanOptions) => {
      const { cachePullCommand } = await import("./cache_pull.ts");
      setExitCode(await cachePullCommand(file, options, surroundings()));
    });
}

const PUSH_HELP = `
Examples:
  deno task cache push pipelines/det_coco.yaml --remote http://cache.lab/sr4ir
  deno task cache push all --remote /mnt/shared/sr4ir`;

const PULL_HELP = `
Examples:
  deno task cache pull pipelines/det_coco.yaml --remote http://cache.lab/sr4ir
  deno task cache pull pipelines/det_coco.yaml --until evaluate --set seed=2`;
