/**
 * The part of the command line that looks at stages: what they touch, and what they have reported.
 *
 * @module
 */
import type { Command } from "commander";
import { UserError } from "../diagnostic.ts";
import type { PlanOptions, Surroundings } from "./options.ts";

/** What the commands are declared with. */
export interface DeclaringInspecting {
  /** Adds the options that say which stages of a pipeline are meant. */
  planOptions: (command: Command) => Command;
  setExitCode: (code: number) => void;
  surroundings: () => Surroundings;
}

/** Adds the commands to the program. */
export function declareInspecting(
  program: Command,
  { planOptions, setExitCode, surroundings }: DeclaringInspecting,
): void {
  planOptions(withFile(program.command("audit")))
    .argument("[stage]", "a stage; what it needs must be stored")
    .description("Run a stage with wide permissions: what does it touch and not declare?")
    .addHelpText("after", AUDIT_HELP)
    .action(async (file: string | undefined, stage: string | undefined, options: PlanOptions) => {
      if (file === undefined || stage === undefined) ask("audit FILE STAGE");
      const { auditCommand } = await import("./audit.ts");
      setExitCode(await auditCommand(file, stage, options, surroundings()));
    });

  planOptions(program.command("tensorboard"))
    .argument("[source]", "a pipeline file, or a past run such as last")
    .argument("[folder]", "where to")
    .description("Write the curves and metrics of stored stages as event files of TensorBoard")
    .addHelpText("after", TENSORBOARD_HELP)
    .action(
      async (source: string | undefined, folder: string | undefined, options: PlanOptions) => {
        if (source === undefined || folder === undefined) ask("tensorboard FILE|RUN FOLDER");
        const { tensorboardCommand } = await import("./tensorboard.ts");
        setExitCode(await tensorboardCommand(source, folder, options, surroundings()));
      },
    );
}

function withFile(command: Command): Command {
  return command.argument("[file]", "pipeline file, e.g. pipelines/det_coco.yaml");
}

function ask(command: string): never {
  throw new UserError({
    message: "something is missing in the command",
    notes: [`expected: deno task ${command}`],
  });
}

const AUDIT_HELP = `
Examples:
  deno task audit pipelines/det_coco.yaml embedded

Nothing is stored. Exit codes: 0 declares all it touches, 1 does not, 2 a mistake, 130 interrupted.`;

const TENSORBOARD_HELP = `
Examples:
  deno task tensorboard pipelines/det_coco.yaml runs/det
  deno task tensorboard pipelines/det_coco.yaml runs/det --until sr4ir
  deno task tensorboard last~1 runs/before`;
