/**
 * The plainest way to call `run`, read without the parser of arguments, which takes 22 ms to load:
 * `run FILE` with the flags below. All else, mistakes included, is for the parser.
 *
 * @module
 */
import type { RunCommandOptions } from "./commands/options.ts";

const FLAGS: Record<string, Partial<RunCommandOptions>> = {
  "-q": { quiet: true },
  "--quiet": { quiet: true },
  "-k": { keepGoing: true },
  "--keep-going": { keepGoing: true },
  "--json": { json: true },
  "--verify": { verify: true },
};

/** Where options may stand besides; then the parser must see them. */
export const VARIABLES = ["SR4IR_BACKEND", "SR4IR_REMOTE", "SR4IR_REMOTE_DOWNLOAD"];

/**
 * Reads arguments.
 *
 * @param variable value of a variable of the environment
 * @returns what the parser would make of them; undefined if only the parser knows
 */
export function quickArguments(
  [command, ...words]: string[],
  variable: (name: string) => string | undefined,
): { file: string; options: RunCommandOptions } | undefined {
  if (command !== "run" || VARIABLES.some((name) => variable(name))) return undefined;
  const files = words.filter((word) => !word.startsWith("-"));
  const flags = words.filter((word) => word.startsWith("-"));
  if (files.length !== 1 || files[0] === "") return undefined;
  if (!flags.every((flag) => Object.hasOwn(FLAGS, flag))) return undefined;
  const options: RunCommandOptions = {
    backend: "auto",
    executor: "local",
    remoteDownload: "results",
  };
  return { file: files[0], options: Object.assign(options, ...flags.map((flag) => FLAGS[flag])) };
}
