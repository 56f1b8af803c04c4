/**
 * What programs have in common that are a front of one pipeline, which does the work.
 *
 * @module
 */
import { join, relative } from "node:path";
import { type Command, CommanderError, InvalidArgumentError, Option } from "commander";
import {
  type Backend,
  BACKENDS,
  print,
  printError,
  storeFolder,
  type Surroundings,
  USER_MISTAKE,
} from "../../runner/commands/options.ts";
import { formatDiagnostics, UserError } from "../../runner/diagnostic.ts";
import type { RunResult } from "../../runner/execute/run_event.ts";

/** Options that all of them have. */
export interface FrontOptions {
  store?: string;
  backend: Backend;
  json?: boolean;
  quiet?: boolean;
}

/** Adds the options of {@link FrontOptions}, and what is said below them. */
export function frontOptions(program: Command, help: string): Command {
  return program
    .option("--store <folder>", "where runs and their results are stored")
    .addOption(new Option("--backend <name>").choices([...BACKENDS]).default("auto"))
    .option("--json", "for programs")
    .option("--quiet", "no progress")
    .addHelpText("after", help);
}

/** Reads the arguments and does what they ask for. @returns the exit code */
export async function runFront(
  program: Command,
  args: string[],
  action: () => Promise<number>,
): Promise<number> {
  program.exitOverride();
  try {
    await program.parseAsync(args, { from: "user" });
    return await action();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USER_MISTAKE;
    if (!(error instanceof UserError)) throw error;
    printError(formatDiagnostics(error));
    return USER_MISTAKE;
  }
}

/**
 * Runs the pipeline.
 *
 * @param file relative to the project
 * @param params by name, also `group.name`
 * @param results `shown`: the run ends with its own; `withheld`: the program prints something else
 */
export async function runPipeline(
  file: string,
  params: Record<string, unknown>,
  { set = [], ...options }: FrontOptions & { set?: string[] },
  place: Surroundings,
  results: "shown" | "withheld",
): Promise<{ exitCode: number; result: RunResult }> {
  const { runOnce } = await import("../../runner/commands/run.ts");
  const assigned = Object.entries(params).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return await runOnce(
    shortest(join(place.root, file)),
    {
      backend: options.backend,
      store: storeFolder(place.root, options.store),
      set: [...assigned, ...set],
      // With JSON all else goes to standard error.
      json: results === "withheld" || (options.json ?? false),
      quiet: options.quiet ?? false,
    },
    place,
    results === "withheld" ? () => {} : print,
  );
}

/** A reader of whole numbers on the command line. */
export function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`expected a whole number, ${least} or more`);
  };
}

/** As seen from where the person stands, if it lies there. */
export function shortest(path: string): string {
  const short = relative(Deno.cwd(), path);
  return short.startsWith("..") ? path : short;
}

/** Starts one of them as the program of this process. */
export async function start(main: (args: string[]) => Promise<number>): Promise<never> {
  // A task runs in the project's folder; the paths that a person types start where the person stands.
  const here = Deno.env.get("INIT_CWD");
  if (here) Deno.chdir(here);
  Deno.exit(await main(Deno.args));
}
