/**
 * Where the program starts: it hands over to a command. The parser of arguments takes longer to load
 * than a hundred stages take to be found unchanged, so it comes only where it is needed.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import type { Colors } from "picocolors/types";
import { printError, type Surroundings, USER_MISTAKE } from "./commands/options.ts";
import { formatDiagnostics, UserError } from "./diagnostic.ts";
import { quickArguments } from "./quick_arguments.ts";

/** Runs one command. @returns the exit code: 0 done, 1 a stage failed, 2 a mistake of the person, 130 interrupted */
export async function main(args: string[]): Promise<number> {
  const colors = showsColors() ? (await import("picocolors")).default.createColors(true) : plain;
  const surroundings = (): Surroundings => ({
    root: Deno.realPathSync(resolve(Deno.env.get("SR4IR_ROOT") ?? dirname(import.meta.dirname!))),
    colors,
    tensors: () => import("../ml/tensor/runtime.ts"),
  });
  try {
    const quick = quickArguments(args, (name) => Deno.env.get(name));
    if (quick) {
      const { runCommand } = await import("./commands/run.ts");
      return await runCommand(quick.file, quick.options, surroundings());
    }
    const { runProgram } = await import("./command_line.ts");
    return await runProgram(args, surroundings);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    printError(formatDiagnostics(error));
    return USER_MISTAKE;
  }
}

function showsColors(): boolean {
  return !Deno.noColor && Deno.stderr.isTerminal();
}

/** Leaves every text as it is; to load what does that otherwise takes 9 ms. */
const plain = new Proxy({}, {
  get: (_, style) => style === "isColorSupported" ? false : String,
}) as Colors;

if (import.meta.main) {
  // A task runs in the project's folder; the paths that a person types start where the person stands.
  const here = Deno.env.get("INIT_CWD");
  if (here) Deno.chdir(here);
  Deno.exit(await main(Deno.args));
}
